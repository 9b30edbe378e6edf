import { z } from "zod";
import { operation, paging } from "../operation.ts";
import { pageOf } from "../page.ts";
import * as schemas from "../schemas.ts";

/** Workloads that one request names. */
const MOST_NAMED = 1000;

/** The past of others. */
export const BACKFILL = [
  operation({
    id: "backfill",
    method: "POST",
    path: "/backfills",
    summary: "Load the past of workloads, or of all, from the server that the project asks by PromQL",
    scope: "approve",
    body: z.strictObject({
      workloads: z.array(schemas.workloadName).max(MOST_NAMED).default([]),
      from: z.number().optional(),
      to: z.number().optional(),
    }),
    answer: schemas.backfill,
    run: ({ engine, body, caller }) => engine.backfill({ ...body, by: caller.name }),
  }),
  operation({
    id: "listBackfills",
    method: "GET",
    path: "/backfills",
    summary: "Those since the engine began, the newest first",
    scope: "read",
    query: z.object(paging(100)),
    answer: schemas.pageSchema("Backfill", schemas.backfill),
    run: async ({ engine, query: { limit, cursor } }) => pageOf(await engine.backfills(), limit, cursor),
  }),
];
