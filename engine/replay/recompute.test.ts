import assert from "node:assert/strict";
import { test } from "node:test";
import type { Changeset } from "../../model/changeset.ts";
import { decide } from "../orchestrator/decide.ts";
import { cpuDemand, inputOf } from "../orchestrator/decide-fixture.ts";
import { encodeDecideInput } from "../orchestrator/decide-json.ts";
import { recompute } from "./recompute.ts";

const input = inputOf({ demand: cpuDemand(14) });
const { capacity: after, reasons } = decide(input);
const decided = { after, reasons, evidence: { input: encodeDecideInput(input) } } as unknown as Changeset;

test("a decision is made again to the byte from what its evidence stored", () => {
  assert.equal(recompute(decided)?.equal, true);
});

test("another capacity, or another reason, shows", () => {
  assert.equal(recompute({ ...decided, after: { ...after, replicas: { count: 13 } } })?.equal, false);
  assert.equal(recompute({ ...decided, reasons: reasons.slice(1) })?.equal, false);
});

test("what a person asked for has no decision to make again", () => {
  assert.equal(recompute({ ...decided, evidence: undefined }), undefined);
});
