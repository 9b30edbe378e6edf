import type { Security } from "../model/connection/connection.ts";
import { readSecret } from "../model/connection/secret.ts";
import { readTlsFiles } from "../model/connection/tls-files.ts";
import { InputError } from "../model/input-error.ts";
import { isListenAddress } from "../model/listen-address.ts";
import type { Project } from "../model/project.ts";
import { hasScope } from "./api/access/principal.ts";
import { checkToken, standing } from "./api/access/token.ts";
import type { ProjectFiles } from "./project-files.ts";
import { tokenFile } from "./serve-api.ts";
import { type Intake, startIntake } from "./usage/intake.ts";
import { VectorAssembler } from "./usage/mapping/assembler.ts";
import { type AttributedWorkload, Attribution } from "./usage/mapping/attribution.ts";
import { HttpSource } from "./usage/pull/http-source.ts";
import { PrometheusServer } from "./usage/pull/prometheus-server.ts";
import type { Pull } from "./usage/pull/pull.port.ts";
import { startPulling } from "./usage/pull/pulling.ts";
import { readServer } from "./usage/pull/read-server.ts";
import { scrape } from "./usage/pull/scrape.ts";
import type { Bearers } from "./usage/server/bearers.port.ts";
import { intakePage } from "./usage/server/intake-page.ts";
import type { UsageSink } from "./usage/usage-sink.port.ts";

export interface OpenIntakeOptions {
  readonly files: ProjectFiles;
  readonly sink: UsageSink;
  /** The engine's own page, to which the intake's figures are added. */
  readonly metrics: () => Promise<string>;
  readonly say: (text: string) => void;
  readonly env: NodeJS.ProcessEnv;
}

const ANSWER_MS = 20_000;

/**
 * Opens all ways in which usage comes to the engine of a project: what listens, and what looks.
 *
 * @throws InputError when a file or a setting is not what it should be; ListenError when the address cannot be had
 */
export async function openIntake({
  files,
  sink,
  metrics,
  say,
  env,
}: OpenIntakeOptions): Promise<Pick<Intake, "port" | "close">> {
  const { project, root } = files;
  const { listen, tls, tokens = !isListenAddress(listen), series } = project.intake;
  const attribution = attributionOf(project);
  const { names } = attribution;
  const assembler = new VectorAssembler({ attribution, series });
  const pem = tls && { certificate: tls.certificate, key: tls.key, ca: tls.clients };
  const intake: Intake = await startIntake({
    listen,
    ...(pem && { tls: () => readTlsFiles(pem, "intake.tls", root) }),
    ...(tokens && { bearers: bearersOf(files) }),
    sink,
    workloads: new Set(project.workloads.map(({ name }) => name)),
    assembler,
    names,
    metrics: async () => `${await metrics()}${intakePage(intake.figures())}`,
    say,
  });
  const pulls: Pull[] = project.scrapes.map((options, index) => {
    const source = httpSource(options, `scrapes.${index}`, files, env);
    return scrape({ ...options, source, assembler, names });
  });
  if (project.prometheus !== undefined) {
    const source = httpSource(project.prometheus, "prometheus", files, env);
    pulls.push(
      readServer({
        ...project.prometheus,
        server: new PrometheusServer(source),
        workloads: serverWorkloads(project),
        names,
        assembler,
        sink,
        close: () => source.close(),
      }),
    );
  }
  const end = startPulling({ pulls, say, now: () => Date.now() / 1000 });
  return {
    port: intake.port,
    close: async () => {
      end();
      await intake.close();
    },
  };
}

/** Those who have a token of the store. @throws InputError when nobody has one to send usage with */
function bearersOf(files: ProjectFiles): Bearers {
  const tokens = tokenFile(files);
  const now = () => Date.now() / 1000;
  const sends = tokens.read().some((one) => {
    const check = standing(one, now());
    return "principal" in check && hasScope(check.principal, "agent");
  });
  if (!sends)
    throw new InputError(files.file, [
      {
        path: "intake.tokens",
        expected: "a token to send usage with; make one with `foreshadow token create NAME --scope agent`",
        found: "none",
      },
    ]);
  return {
    check: (token, scope) => {
      const check = checkToken(token, tokens.read(), now());
      if ("refused" in check) return "unknown";
      return hasScope(check.principal, scope) ? "ok" : "other";
    },
  };
}

/** Whose the series of other measurers are. */
export function attributionOf(project: Project): Attribution {
  return new Attribution(attributed(project));
}

/** The workloads of a project by the labels of their series. */
export function attributed({ workloads }: Project): AttributedWorkload[] {
  return workloads.map(({ name, select, signals }) => ({
    name,
    ...(select.labels && { labels: select.labels }),
    signals: Object.entries(signals).flatMap(([signal, source]) =>
      "metric" in source ? [{ name: signal, metric: source.metric, labels: source.labels ?? {} }] : [],
    ),
  }));
}

/** What is asked of a server about each workload. One without labels may have an agent's page there. */
function serverWorkloads({ workloads }: Project) {
  return workloads.map(({ name, select, signals }) => ({
    name,
    labels: select.labels ?? { foreshadow_workload: name },
    signals: Object.entries(signals).flatMap(([signal, source]) =>
      "promql" in source ? [{ name: signal, promql: source.promql }] : [],
    ),
  }));
}

/** A server of the project file, or of a command. @param what names its setting */
export function httpSource(
  { url, token, ...pem }: Security & { readonly url: string },
  what: string,
  { root }: Pick<ProjectFiles, "root">,
  env: NodeJS.ProcessEnv,
): HttpSource {
  return new HttpSource({
    url,
    ...(token && { token: () => readSecret(token, `${what}.token`, root, env) }),
    tls: () => readTlsFiles(pem, what, root),
    timeout: ANSWER_MS,
  });
}
