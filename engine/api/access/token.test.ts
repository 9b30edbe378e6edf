import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { hasScope, type Scope } from "./principal.ts";
import { checkToken, newToken } from "./token.ts";

const wanted = { name: "ann", scopes: ["approve"] as Scope[], person: true, lifetime: 100 };

test("a token lets in whom it was made for, until it expires or is revoked", () => {
  const { token, stored } = newToken(wanted, 1000, randomBytes);
  const principal = { name: "ann", scopes: ["approve"], person: true, token: stored.id };
  assert.deepEqual(checkToken(token, [stored], 1099), { principal });
  assert.deepEqual(checkToken(token, [stored], 1100), { refused: "expired", name: "ann" });
  assert.deepEqual(checkToken(token, [{ ...stored, revokedAt: 1050 }], 1060), { refused: "revoked", name: "ann" });
});

test("what is kept does not tell the token, and one wrong character lets nobody in", () => {
  const { token, stored } = newToken(wanted, 1000, randomBytes);
  const secret = token.split("_").slice(2).join("_");
  assert.equal(JSON.stringify(stored).includes(secret), false);
  const wrong = token.slice(0, -1) + (token.endsWith("A") ? "B" : "A");
  for (const text of [wrong, "", "fsh_", token.toUpperCase(), ` ${token}`, `${token}x`, "x".repeat(10_000)])
    assert.deepEqual(checkToken(text, [stored], 1000), { refused: "unknown" });
  assert.deepEqual(checkToken(token, [], 1000), { refused: "unknown" });
});

test("wider scopes have the narrower ones, and sending usage opens nothing else", () => {
  const has = (scope: Scope) =>
    (["agent", "read", "approve", "admin"] as const).filter((one) => hasScope({ scopes: [scope] }, one));
  assert.deepEqual(has("admin"), ["agent", "read", "approve", "admin"]);
  assert.deepEqual(has("approve"), ["read", "approve"]);
  assert.deepEqual(has("read"), ["read"]);
  assert.deepEqual(has("agent"), ["agent"]);
});
