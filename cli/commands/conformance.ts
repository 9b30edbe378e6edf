import { createInterface } from "node:readline/promises";
import { Argument, type Command } from "commander";
import { CONTRACTS, conform } from "../../engine/conformance/conform.ts";
import { maturityText, recordOutcome } from "../../engine/conformance/maturity.ts";
import { groundFor, leftSandboxes } from "../../engine/conformance/open-sandbox.ts";
import { InputError } from "../../model/input-error.ts";
import { CLOUDS, type Cloud } from "../../stacks/simulated/rehearsal.ts";
import { contextOf } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import type { Output } from "../output.ts";

interface ConformanceArguments {
  readonly simulated?: boolean;
  readonly endpoint?: string;
  readonly region?: string;
  readonly yes?: boolean;
  readonly clean?: boolean;
}

export default function define(program: Command): Command {
  return program
    .command("conformance")
    .addArgument(new Argument("[cloud]", "the cloud that is tried").choices(CLOUDS))
    .option("--region <name>", "region, or Azure's location; else the environment's")
    .option("--endpoint <url>", "an emulator of AWS's API in place of AWS")
    .option("--simulated", "the simulated provider in place of the cloud: tells nothing of the cloud")
    .option("--yes", "do not ask")
    .option("--clean", "take away what runs that were killed have left")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow conformance aws --region eu-central-1\n\nTries, on your account, the behaviours of the cloud that Foreshadow builds on: in a sandbox of its own, of the smallest sizes, which is taken away afterwards. It says what that costs and asks first. `foreshadow doctor` and `status` tell what came of it.",
    )
    .action(async (cloud: Cloud | undefined, options: ConformanceArguments, command: Command) => {
      const { output, project } = contextOf(command);
      const { store } = project();
      if (options.clean === true) return clean(store, output);
      if (cloud === undefined)
        throw new InputError("conformance", [{ path: "cloud", expected: CLOUDS.join(" or "), found: "none" }]);
      const ground = await groundFor({ cloud, simulated: options.simulated === true, ...options }, store);
      const real = ground.maturity === "real";
      output.line(
        real
          ? `On your account, ${ground.where}: ${CONTRACTS[cloud].cost}.`
          : `${ground.maturity.toUpperCase()}: nothing of this reaches ${cloud} (${ground.where}).`,
      );
      if (options.yes !== true && !(await agreed(output))) {
        process.exitCode = EXIT.refused;
        return;
      }
      const stop = new AbortController();
      const interrupt = () => {
        output.line(stop.signal.aborted ? "still taking the sandbox away" : "interrupted: taking the sandbox away");
        stop.abort();
      };
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupt);
      const { outcome, interrupted, left } = await conform(cloud, ground, stop.signal, (text) => output.line(text));
      if (!interrupted) recordOutcome(store, outcome);
      output.result({ ...outcome, interrupted, ...(left && { left }) }, () => [
        interrupted ? "interrupted: nothing is recorded" : maturityText(outcome),
        ...(left === undefined ? [] : [`NOT TAKEN AWAY: ${left}`]),
      ]);
      if (interrupted || left !== undefined || outcome.failed.length > 0) process.exitCode = EXIT.failed;
    });
}

/** @throws InputError where nobody can be asked */
async function agreed({ terminal }: Output): Promise<boolean> {
  if (!terminal || !process.stdin.isTTY)
    throw new InputError("conformance", [
      { path: "", expected: "--yes where nobody can be asked", found: "no terminal" },
    ]);
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question("Go on? [y/N] ")).trim());
  } finally {
    prompt.close();
  }
}

async function clean(store: string, output: Output): Promise<void> {
  const left = await leftSandboxes(store);
  for (const { name, open } of left) {
    output.progress(`taking ${name} away …`);
    await (await open()).close();
  }
  output.result({ taken: left.map(({ name }) => name) }, () =>
    left.length === 0 ? ["nothing is left"] : left.map(({ name }) => `${name} is taken away`),
  );
}
