import { z } from "zod";
import type { EngineControl } from "./engine-control.port.ts";

/** One operation of the API: its method and path, what its body must be, and what it does. `:x` is a part of the path. */
export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: z.ZodType;
  run(engine: EngineControl, parameters: Readonly<Record<string, string>>, body: never): Promise<unknown>;
}

/** Seconds that a report looks back over at most. */
const MOST_REPORTED = 31 * 86_400;
const workload = z.string().min(1).max(63);
const by = z.string().min(1).max(200);
const person = z.strictObject({ by });
const freeze = z.strictObject({ workload, all: z.boolean(), by, reason: z.string().max(1000).optional() });
const pin = z.strictObject({
  workload,
  min: z.number().int().min(0).optional(),
  max: z.number().int().min(0).optional(),
  until: z.number(),
  by,
});
const mark = z.strictObject({
  workload,
  from: z.number(),
  to: z.number().optional(),
  reason: z.string().max(1000),
  by,
});
const span = z
  .strictObject({ workload: workload.optional(), from: z.number(), to: z.number() })
  .refine(({ from, to }) => to > from && to - from <= MOST_REPORTED, "a time after `from`, at most 31 days");
const unfreeze = z.strictObject({ workload, by });

function route<Body extends z.ZodType>(
  method: Route["method"],
  path: string,
  run: (engine: EngineControl, parameters: Readonly<Record<string, string>>, body: z.output<Body>) => Promise<unknown>,
  body?: Body,
): Route {
  return { method, path, body, run: run as Route["run"] };
}

export const ROUTES: readonly Route[] = [
  route("GET", "/v1/status", (engine) => engine.status()),
  route("GET", "/v1/workloads/:name/forecast", (engine, { name }) => engine.forecast(name)),
  route("GET", "/v1/workloads/:name/plan", (engine, { name }) => engine.plan(name)),
  route("GET", "/v1/changesets", (engine) => engine.changesets()),
  route("GET", "/v1/workloads/:name/changesets", (engine, { name }) => engine.changesets(name)),
  route("GET", "/v1/changesets/:id", (engine, { id }) => engine.changeset(id)),
  route("POST", "/v1/changesets/:id/approve", (engine, { id }, body) => engine.approve(id, body.by), person),
  route("POST", "/v1/changesets/:id/reject", (engine, { id }, body) => engine.reject(id, body.by), person),
  route("POST", "/v1/changesets/:id/rollback", (engine, { id }, body) => engine.rollback(id, body.by), person),
  route("POST", "/v1/changesets/:id/apply", (engine, { id }) => engine.apply(id)),
  route("GET", "/v1/envelopes", (engine) => engine.envelopes()),
  route("POST", "/v1/envelopes/:id/approve", (engine, { id }, body) => engine.approveEnvelope(id, body.by), person),
  route("POST", "/v1/envelopes/:id/reject", (engine, { id }, body) => engine.rejectEnvelope(id, body.by), person),
  route("POST", "/v1/freeze", (engine, _, body) => engine.freeze(body), freeze),
  route("POST", "/v1/pin", (engine, _, body) => engine.pin(body), pin),
  route("GET", "/v1/alerts", (engine) => engine.alerts()),
  route("GET", "/v1/quarantines", (engine) => engine.quarantines()),
  route("GET", "/v1/workloads/:name/quarantines", (engine, { name }) => engine.quarantines(name)),
  route("POST", "/v1/quarantines", (engine, _, body) => engine.quarantine(body), mark),
  route("POST", "/v1/quarantines/:id/undo", (engine, { id }, body) => engine.undoQuarantine(id, body.by), person),
  route("POST", "/v1/report", (engine, _, body) => engine.report(body), span),
  route("POST", "/v1/unfreeze", (engine, _, body) => engine.unfreeze(body.workload, body.by), unfreeze),
];

/** The route of a request, with the parts of its path. */
export function matchRoute(
  method: string,
  path: string,
): { route: Route; parameters: Record<string, string> } | undefined {
  const parts = path.split("/");
  for (const candidate of ROUTES) {
    const pattern = candidate.path.split("/");
    if (candidate.method !== method || pattern.length !== parts.length) continue;
    const parameters: Record<string, string> = {};
    const fits = pattern.every((part, i) => {
      if (!part.startsWith(":")) return part === parts[i];
      try {
        parameters[part.slice(1)] = decodeURIComponent(parts[i]);
      } catch {
        return false;
      }
      return parts[i] !== "";
    });
    if (fits) return { route: candidate, parameters };
  }
  return undefined;
}
