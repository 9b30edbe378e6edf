import { z } from "zod";
import { operation, paging } from "../operation.ts";
import { pageOf } from "../page.ts";
import { pastHolds } from "../past-holds.ts";
import * as schemas from "../schemas.ts";

const workload = schemas.workloadName.describe("A workload, or * for all.");
const hold = { method: "POST", scope: "approve", person: true, answer: schemas.done } as const;

/** A person's hands on the wheel. */
export const HOLDS = [
  operation({
    id: "getHolds",
    method: "GET",
    path: "/holds",
    summary: "Freezes and pins in force",
    scope: "read",
    answer: schemas.holds,
    run: ({ engine }) => engine.holds(),
  }),
  operation({
    id: "listWorkloadHolds",
    method: "GET",
    path: "/workloads/{name}/holds",
    summary:
      "Past and present freezes and pins of a workload and of all, the earliest first, as the last 20,000 entries of the ledger tell them",
    scope: "read",
    query: z.object(paging(1000)),
    answer: schemas.pageSchema("HoldSpan", schemas.holdSpan),
    run: async ({ engine, id, query: { limit, cursor } }) =>
      pageOf(await pastHolds(engine, id, Date.now() / 1000), limit, cursor),
  }),
  operation({
    ...hold,
    id: "freeze",
    path: "/freeze",
    summary: "Stop scale-in, vertical and forecast-driven changes; with `all` the rescue of present demand too",
    body: z.strictObject({ workload, all: z.boolean().default(false), reason: z.string().max(1000).optional() }),
    run: ({ engine, body, caller }) => engine.freeze({ ...body, by: caller.name }),
  }),
  operation({
    ...hold,
    id: "pin",
    path: "/pin",
    summary: "Hold replicas inside bounds until an instant",
    body: z.strictObject({
      workload,
      min: z.number().int().min(0).optional(),
      max: z.number().int().min(0).optional(),
      until: z.number().describe("Epoch seconds."),
    }),
    run: ({ engine, body, caller }) => engine.pin({ ...body, by: caller.name }),
  }),
  operation({
    ...hold,
    id: "unfreeze",
    path: "/unfreeze",
    summary: "End freeze and pin of a workload; * for those on all",
    body: z.strictObject({ workload }),
    run: ({ engine, body, caller }) => engine.unfreeze(body.workload, caller.name),
  }),
];
