import type { Past } from "./backfill/past.port.ts";
import { attributed, httpSource } from "./open-intake.ts";
import type { ProjectFiles } from "./project-files.ts";
import { PrometheusHistory } from "./usage/history/prometheus-history.ts";
import { PrometheusServer } from "./usage/pull/prometheus-server.ts";

/** Where the past of a project's workloads is: the server that it asks by PromQL; undefined where it has none. */
export function openPast(files: ProjectFiles, env: NodeJS.ProcessEnv): Past | undefined {
  const { prometheus, workloads } = files.project;
  if (prometheus === undefined) return undefined;
  const source = httpSource(prometheus, "prometheus", files, env);
  const expressions = new Map(
    workloads.map(({ name, signals }) => [
      name,
      Object.entries(signals).flatMap(([signal, one]) =>
        "promql" in one ? [{ name: signal, promql: one.promql }] : [],
      ),
    ]),
  );
  const { origin, pathname } = new URL(prometheus.url);
  return {
    // What else an address may hold is nobody's business.
    origin: `prometheus ${origin}${pathname.replace(/\/$/, "")}`,
    history: new PrometheusHistory({ server: new PrometheusServer(source) }),
    workloads: attributed(files.project).map((one) => ({ ...one, expressions: expressions.get(one.name) ?? [] })),
    close: () => source.close(),
  };
}
