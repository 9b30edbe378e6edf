import assert from "node:assert/strict";
import { test } from "node:test";
import type { Principal } from "./principal.ts";
import { Sessions } from "./sessions.ts";

const ann: Principal = { name: "ann", scopes: ["admin"], person: true };

function setUp(): Sessions {
  let n = 0;
  return new Sessions(() => `random-${++n}`);
}

test("a session lasts while it is used, and twelve hours at most", () => {
  const sessions = setUp();
  const { id } = sessions.begin(ann, 0);
  for (let now = 0; now < 12 * 3600; now += 1800) assert.equal(sessions.find(id, now)?.principal, ann);
  assert.equal(sessions.find(id, 12 * 3600), undefined);
  const idle = sessions.begin(ann, 0).id;
  assert.equal(sessions.find(idle, 3600), undefined);
  const left = sessions.begin(ann, 0).id;
  sessions.end(left);
  assert.equal(sessions.find(left, 1), undefined);
});

test("a code begins one session within two minutes", () => {
  const sessions = setUp();
  const { code, expiresAt } = sessions.issueCode(ann, 0);
  assert.equal(sessions.redeem("another", 0), undefined);
  assert.equal(sessions.redeem(code, 119), ann);
  assert.equal(sessions.redeem(code, 119), undefined);
  assert.equal(expiresAt, 120);
  assert.equal(sessions.redeem(sessions.issueCode(ann, 0).code, 120), undefined);
});

test("sessions beyond a thousand end the oldest", () => {
  const sessions = setUp();
  const first = sessions.begin(ann, 0).id;
  for (let n = 0; n < 1000; n++) sessions.begin(ann, 0);
  assert.equal(sessions.find(first, 1), undefined);
});
