import { z } from "zod";
import { operation, paging } from "../operation.ts";
import { pageOf } from "../page.ts";
import * as schemas from "../schemas.ts";

/** Seconds that a report looks back over at most. */
const MOST_REPORTED = 31 * 86_400;
const quarantines = schemas.pageSchema("Quarantine", schemas.quarantine);
const instant = z.coerce.number().describe("Epoch seconds.");

/** What came back from the world. */
export const FEEDBACK = [
  operation({
    id: "listAlerts",
    method: "GET",
    path: "/alerts",
    summary: "Open alerts, then those that are over, the newest first",
    scope: "read",
    query: z.object(paging(1000)),
    answer: schemas.pageSchema("Alert", schemas.alert),
    run: async ({ engine, query: { limit, cursor } }) => pageOf(await engine.alerts(), limit, cursor),
  }),
  operation({
    id: "listQuarantines",
    method: "GET",
    path: "/quarantines",
    summary: "Spans of time that nothing is learnt from, the newest first",
    scope: "read",
    query: z.object(paging(1000)),
    answer: quarantines,
    run: async ({ engine, query: { limit, cursor } }) => pageOf(await engine.quarantines(), limit, cursor),
  }),
  operation({
    id: "listWorkloadQuarantines",
    method: "GET",
    path: "/workloads/{name}/quarantines",
    summary: "Those of one workload",
    scope: "read",
    query: z.object(paging(1000)),
    answer: quarantines,
    run: async ({ engine, id, query: { limit, cursor } }) => pageOf(await engine.quarantines(id), limit, cursor),
  }),
  operation({
    id: "quarantine",
    method: "POST",
    path: "/quarantines",
    summary: "Keep a span of time out of what is learnt; without `to`, until it is undone",
    scope: "approve",
    body: z.strictObject({
      workload: schemas.workloadName,
      from: z.number(),
      to: z.number().optional(),
      reason: z.string().max(1000),
    }),
    answer: schemas.quarantine,
    run: ({ engine, body, caller }) => engine.quarantine({ ...body, by: caller.name }),
  }),
  operation({
    id: "undoQuarantine",
    method: "POST",
    path: "/quarantines/{id}/undo",
    summary: "Take a quarantine back: what was measured is learnt after all",
    scope: "approve",
    answer: schemas.quarantine,
    run: ({ engine, id, caller }) => engine.undoQuarantine(id, caller.name),
  }),
  operation({
    id: "getReport",
    method: "GET",
    path: "/report",
    summary: "What actions came to, beside reactive-only and doing nothing; at most 31 days",
    scope: "read",
    query: z
      .object({ workload: schemas.workloadName.optional(), from: instant, to: instant })
      .refine(({ from, to }) => to > from && to - from <= MOST_REPORTED, {
        path: ["to"],
        error: "expected a time after `from`, at most 31 days",
      }),
    answer: schemas.report,
    run: ({ engine, query }) => engine.report(query),
  }),
];
