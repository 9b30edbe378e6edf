import { z } from "zod";
import { countStates, selectRows } from "../fleet.ts";
import { operation, paging } from "../operation.ts";
import { pageOf } from "../page.ts";
import * as schemas from "../schemas.ts";

/** What the engine sees and expects. */
export const FLEET = [
  operation({
    id: "getStatus",
    method: "GET",
    path: "/status",
    summary: "How the engine is, and how many workloads are in which state",
    scope: "read",
    query: z.object({ workloads: z.enum(["true", "false"]).default("false") }),
    answer: schemas.status,
    run: async ({ engine, query }) => {
      const counts = countStates(await engine.fleet());
      const status = await (query.workloads === "true" ? engine.status() : engine.summary());
      return { ...status, counts };
    },
  }),
  operation({
    id: "listWorkloads",
    method: "GET",
    path: "/workloads",
    summary: "A line for each workload",
    scope: "read",
    query: z.object({
      ...paging(1000),
      search: z.string().max(200).optional(),
      state: schemas.workloadState.optional(),
      sort: z.enum(["name", "need", "ready", "at", "state"]).default("name"),
      order: z.enum(["asc", "desc"]).default("asc"),
    }),
    answer: schemas.pageSchema("Fleet", schemas.fleetRow),
    run: async ({ engine, query }) => pageOf(selectRows(await engine.fleet(), query), query.limit, query.cursor),
  }),
  operation({
    id: "getWorkload",
    method: "GET",
    path: "/workloads/{name}",
    summary: "What the last tick saw and decided",
    scope: "read",
    answer: schemas.workload,
    run: ({ engine, id }) => engine.workload(id),
  }),
  operation({
    id: "getUsers",
    method: "GET",
    path: "/workloads/{name}/users",
    summary: "Who uses what of it now: the greatest programs of each series, and their threads",
    scope: "read",
    answer: schemas.users,
    run: ({ engine, id }) => engine.users(id),
  }),
  operation({
    id: "getForecast",
    method: "GET",
    path: "/workloads/{name}/forecast",
    summary: "History, forecast, and what can be said for it",
    scope: "read",
    answer: schemas.forecast,
    run: ({ engine, id }) => engine.forecast(id),
  }),
  operation({
    id: "getPlan",
    method: "GET",
    path: "/workloads/{name}/plan",
    summary: "The plan in force and the one that the present forecast would give",
    scope: "read",
    answer: schemas.plan,
    run: ({ engine, id }) => engine.plan(id),
  }),
];
