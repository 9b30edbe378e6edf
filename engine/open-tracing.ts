import { hostname } from "node:os";
import { readSecret } from "../model/connection/secret.ts";
import { readTlsFiles } from "../model/connection/tls-files.ts";
import { Receiver } from "../model/otlp/receiver.ts";
import { PACKAGE } from "./package.ts";
import type { ProjectFiles } from "./project-files.ts";
import { systemClock } from "./system-clock.ts";
import { DecisionTracer } from "./tracing/decision-tracer.ts";
import { SpanExporter } from "./tracing/span-exporter.ts";

/** Traces of decisions on their way to where the project file says; `undefined` where it says nothing. */
export function openTracing(
  { project, root }: Pick<ProjectFiles, "project" | "root">,
  env: NodeJS.ProcessEnv,
  say: (text: string) => void,
): { readonly tracer: DecisionTracer; readonly exporter: SpanExporter } | undefined {
  const { traces } = project;
  if (traces === undefined) return undefined;
  const { url, token, ...files } = traces;
  const receiver = new Receiver({
    url,
    signal: "traces",
    ...(token && { token: () => readSecret(token, "traces.token", root, env) }),
    tls: () => readTlsFiles(files, "traces", root),
  });
  const resource = { "service.name": "foreshadow", "service.version": PACKAGE.version, "host.name": hostname() };
  const exporter = new SpanExporter({ receiver, resource, version: PACKAGE.version, say });
  return { exporter, tracer: new DecisionTracer(exporter, systemClock) };
}
