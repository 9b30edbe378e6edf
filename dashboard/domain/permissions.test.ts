import assert from "node:assert/strict";
import { test } from "node:test";
import { CHANGESET_STATES } from "../../model/changeset.ts";
import { actRefusal, markRefusal, stateRefusal } from "./permissions.ts";

test("a person with the scope may act; readers and programs hear why not", () => {
  assert.equal(actRefusal({ scopes: ["approve"], person: true }), undefined);
  assert.equal(actRefusal({ scopes: ["admin"], person: true }), undefined);
  assert.match(actRefusal({ scopes: ["read"], person: true })!, /scope approve/);
  assert.match(actRefusal({ scopes: ["admin"], person: false })!, /for a person/);
  assert.equal(markRefusal({ scopes: ["approve"], person: false }), undefined);
});

test("what waits can be decided, what was carried out can be rolled back once", () => {
  const allowed = (decision: "approve" | "reject" | "rollback") =>
    CHANGESET_STATES.filter((state) => stateRefusal(decision, { state }) === undefined);
  assert.deepEqual(allowed("approve"), ["awaiting-approval"]);
  assert.deepEqual(allowed("reject"), ["awaiting-approval"]);
  assert.deepEqual(allowed("rollback"), ["partial", "done", "diverged"]);
  assert.match(stateRefusal("rollback", { state: "done", reversedBy: "cs-2" })!, /cs-2/);
  assert.match(stateRefusal("rollback", { state: "done", reversibility: "irreversible" })!, /no way back/);
});
