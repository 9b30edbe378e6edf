import { z } from "zod";
import { Forbidden } from "../access/forbidden.ts";
import type { Call } from "../operation.ts";
import { operation, paging } from "../operation.ts";
import { pageOf } from "../page.ts";
import * as schemas from "../schemas.ts";

const page = schemas.pageSchema("Changeset", schemas.changeset);
const query = z.object({
  ...paging(200),
  workload: schemas.workloadName.optional(),
  state: schemas.changesetState.optional(),
});

async function changesets({
  engine,
  query: { workload, state, limit, cursor },
}: Call<z.output<typeof query>, unknown>) {
  const found = await engine.changesets(workload);
  return pageOf(state === undefined ? found : found.filter((one) => one.state === state), limit, cursor);
}

/** Whoever asked for a change by a token does not approve it with it. @throws Forbidden */
async function byAnother({ engine, id, caller }: Call<unknown, unknown>): Promise<void> {
  const { requestedBy } = await engine.changeset(id);
  if (caller.token !== undefined && requestedBy === caller.name)
    throw new Forbidden(`${id} was asked for by ${requestedBy}: somebody else has to approve it`);
}

const step = { method: "POST", scope: "approve", person: true, answer: schemas.changeset } as const;
const ofEnvelope = { ...step, answer: schemas.envelope } as const;

/** Changesets and envelopes, and what a person does with them. */
export const CHANGES = [
  operation({
    id: "listChangesets",
    method: "GET",
    path: "/changesets",
    summary: "Changesets, the newest first; of the last 200",
    scope: "read",
    query,
    answer: page,
    run: changesets,
  }),
  operation({
    id: "listWorkloadChangesets",
    method: "GET",
    path: "/workloads/{name}/changesets",
    summary: "Changesets of one workload, the newest first; of the last 200",
    scope: "read",
    query,
    answer: page,
    run: (call) => changesets({ ...call, query: { ...call.query, workload: call.id } }),
  }),
  operation({
    id: "getChangeset",
    method: "GET",
    path: "/changesets/{id}",
    summary: "One changeset with its evidence, its preview and how it went",
    scope: "read",
    answer: schemas.changeset,
    run: ({ engine, id }) => engine.changeset(id),
  }),
  operation({
    ...step,
    id: "approveChangeset",
    path: "/changesets/{id}/approve",
    summary: "Approve one that waits",
    run: async (call) => {
      await byAnother(call);
      return call.engine.approve(call.id, call.caller.name);
    },
  }),
  operation({
    ...step,
    id: "rejectChangeset",
    path: "/changesets/{id}/reject",
    summary: "Reject one that waits",
    run: ({ engine, id, caller }) => engine.reject(id, caller.name),
  }),
  operation({
    ...step,
    id: "rollbackChangeset",
    path: "/changesets/{id}/rollback",
    summary: "Propose the way back, and take it as far as the mode allows",
    run: ({ engine, id, caller }) => engine.rollback(id, caller.name),
  }),
  operation({
    ...step,
    id: "applyChangeset",
    path: "/changesets/{id}/apply",
    summary: "Carry on now with one that is approved or was merged",
    run: ({ engine, id }) => engine.apply(id),
  }),
  operation({
    id: "listEnvelopes",
    method: "GET",
    path: "/envelopes",
    summary: "Envelopes that wait for a person",
    scope: "read",
    query: z.object(paging(1000)),
    answer: schemas.pageSchema("Envelope", schemas.envelope),
    run: async ({ engine, query: { limit, cursor } }) => pageOf(await engine.envelopes(), limit, cursor),
  }),
  operation({
    ...ofEnvelope,
    id: "approveEnvelope",
    path: "/envelopes/{id}/approve",
    summary: "Approve an envelope",
    run: ({ engine, id, caller }) => engine.approveEnvelope(id, caller.name),
  }),
  operation({
    ...ofEnvelope,
    id: "rejectEnvelope",
    path: "/envelopes/{id}/reject",
    summary: "Reject an envelope",
    run: ({ engine, id, caller }) => engine.rejectEnvelope(id, caller.name),
  }),
];
