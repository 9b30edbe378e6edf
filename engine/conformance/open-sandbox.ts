import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "../../model/input-error.ts";
import { WORLD_VARIABLE } from "../../model/simulated-clock.ts";
import type { Cloud } from "../../stacks/simulated/rehearsal.ts";
import { emptyWorld } from "../../stacks/simulated/world.ts";
import { writeWorld } from "../../stacks/simulated/world-file.ts";
import { writeFileAtomically } from "../atomic-file.ts";
import { pulumiCommand } from "../infrastructure/pulumi-command.ts";
import { accountOf, settingsOf } from "./account.ts";
import { AwsApiSandbox } from "./aws-api-sandbox.ts";
import type { Outcome } from "./maturity.ts";
import { PulumiSandbox, type PulumiSandboxOptions, providerVersion } from "./pulumi-sandbox.ts";
import type { Sandbox } from "./sandbox.port.ts";

export interface Against {
  readonly cloud: Cloud;
  readonly simulated: boolean;
  /** Address of an emulator of AWS's API. */
  readonly endpoint?: string;
  readonly region?: string;
}

/** What a run is made against, before anything is made. */
export interface Ground {
  readonly maturity: Outcome["maturity"];
  /** Tools and versions, for the record. */
  readonly with: string;
  /** Where it is: the account's region, the emulator's address, or a file. */
  readonly where: string;
  open(signal: AbortSignal): Promise<Sandbox>;
  /** How a person takes away what could not be. */
  byHand(sandbox: Sandbox): string;
}

const PROVIDERS: Record<Cloud, string> = { aws: "aws", gcp: "gcp", azure: "azure-native" };
const REGIONS: Record<Cloud, string> = { aws: "eu-central-1", gcp: "europe-west3", azure: "westeurope" };
/** Seconds in which a cloud's autoscaler comes to it; by the clouds' documentation it looks once a minute, Azure's less often. */
const PATIENCE: Record<Cloud, number> = { aws: 60, gcp: 300, azure: 900 };
/** What a simulated cloud takes for seconds, so that nobody waits. */
const QUICK = { bootDelay: 0, scalerPeriod: 1, diskModificationGap: 0 };
const OPTIONS = "options.json";

/**
 * Looks what there is to run against. Nothing is made and nobody is asked yet.
 *
 * @param store directory of the project's store: sandboxes are kept in it until they are taken away
 * @throws InputError without credentials, Error without SDK or Pulumi
 */
export async function groundFor({ cloud, simulated, endpoint, region }: Against, store: string): Promise<Ground> {
  const name = `foreshadow-conformance-${randomBytes(3).toString("hex")}`;
  if (endpoint !== undefined) {
    if (cloud !== "aws" || simulated || !/^https?:\/\//.test(endpoint))
      throw new InputError("--endpoint", [
        { path: "", expected: "the http address of an emulator of AWS's API, without --simulated", found: endpoint },
      ]);
    return {
      maturity: "emulated",
      with: `AWS's query protocol at ${endpoint}`,
      where: endpoint,
      open: async () => new AwsApiSandbox({ url: endpoint, name, region: region ?? "us-east-1" }),
      byHand: () => `delete what is named or tagged ${name} at ${endpoint}`,
    };
  }
  const provider = PROVIDERS[cloud];
  const command = await pulumiCommand();
  const tools = `@pulumi/${provider} ${providerVersion(provider)}, Pulumi ${command.version}`;
  const directory = join(store, "conformance", name);
  const common = { name, provider, directory, command };
  if (simulated) {
    const world = process.env[WORLD_VARIABLE] ?? join(directory, "world.json");
    const at = region ?? REGIONS[cloud];
    return ground("simulated", `${tools}, a simulated provider`, world, () => {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      if (!existsSync(world)) writeWorld(world, emptyWorld(cloud, Date.now() / 1000, QUICK));
      return {
        ...common,
        region: at,
        project: "simulated",
        patience: 10,
        plugin: fileURLToPath(new URL(`../../stacks/simulated/${cloud}`, import.meta.url)),
        settings: settingsOf(cloud, at, "simulated"),
        env: { [WORLD_VARIABLE]: world },
      };
    });
  }
  const account = accountOf(cloud, region);
  return ground("real", tools, `${cloud} ${account.project} ${account.region}`, () => ({
    ...common,
    ...account,
    patience: PATIENCE[cloud],
    env: {},
  }));
}

function ground(
  maturity: Outcome["maturity"],
  tools: string,
  where: string,
  options: () => Omit<PulumiSandboxOptions, "signal">,
): Ground {
  return {
    maturity,
    with: tools,
    where,
    async open(signal) {
      const chosen = options();
      mkdirSync(chosen.directory, { recursive: true, mode: 0o700 });
      // A run that is killed is taken away by the next one.
      writeFileAtomically(join(chosen.directory, OPTIONS), JSON.stringify(chosen));
      return PulumiSandbox.open({ ...chosen, signal });
    },
    byHand: ({ name }) => {
      const { directory } = options();
      return `run \`foreshadow conformance --clean\` again, or \`PULUMI_BACKEND_URL=file://${join(directory, "state")} PULUMI_CONFIG_PASSPHRASE= pulumi destroy --stack sandbox\` in ${directory}; what is left after that is named or tagged ${name} in ${where}`;
    },
  };
}

/** Sandboxes that an earlier run was killed over. */
export async function leftSandboxes(store: string): Promise<{ readonly name: string; open(): Promise<Sandbox> }[]> {
  const directory = join(store, "conformance");
  if (!existsSync(directory)) return [];
  const command = await pulumiCommand();
  return readdirSync(directory)
    .filter((name) => existsSync(join(directory, name, OPTIONS)))
    .map((name) => ({
      name,
      open: () => {
        const chosen = JSON.parse(readFileSync(join(directory, name, OPTIONS), "utf8")) as PulumiSandboxOptions;
        return PulumiSandbox.open({ ...chosen, command });
      },
    }));
}
