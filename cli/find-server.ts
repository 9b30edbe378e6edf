import { PrometheusHistory } from "../engine/usage/history/prometheus-history.ts";
import type { FoundWorkload, WorkloadKind } from "../engine/usage/history/usage-history.port.ts";
import { PrometheusServer } from "../engine/usage/pull/prometheus-server.ts";
import { type ServerSettings, serverOf, serverSettings } from "./server-options.ts";

/** Where Prometheus and VictoriaMetrics listen by themselves. */
const USUAL = ["http://127.0.0.1:9090", "http://127.0.0.1:8428"];
const HOUR = 3600;
/** What is no workload of its own where there is anything finer. */
const COARSE: readonly WorkloadKind[] = ["job", "machines"];

/** A server that answers PromQL, and the workloads that it has recorded lately. */
export interface FoundServer {
  readonly settings: ServerSettings;
  readonly workloads: readonly FoundWorkload[];
}

/**
 * The workloads of the last hour that a server knows.
 *
 * @throws Error that says what the server said
 */
export async function askServer(settings: ServerSettings, now: number): Promise<FoundServer> {
  const source = serverOf(settings);
  try {
    const history = new PrometheusHistory({ server: new PrometheusServer(source) });
    const found = await history.find({ from: now - HOUR, to: now, step: 60 });
    const finer = found.filter(({ kind }) => !COARSE.includes(kind));
    return { settings, workloads: finer.length > 0 ? finer : found };
  } catch (error) {
    throw new Error(`${settings.url}: ${(error as Error).message}`, { cause: error });
  } finally {
    source.close();
  }
}

/** The first of the usual addresses on this host at which a server answers and knows a workload that is no job of itself. */
export async function serverOnLoopback(now: number, urls: readonly string[] = USUAL): Promise<FoundServer | undefined> {
  for (const url of urls) {
    const found = await askServer(serverSettings(url, {}), now).catch(() => undefined);
    if (found?.workloads.some(({ kind }) => !COARSE.includes(kind))) return found;
  }
  return undefined;
}
