import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { newToken } from "./token.ts";
import { TokenFile } from "./token-file.ts";

const token = (name: string, lifetime = 100) =>
  newToken({ name, scopes: ["read"], person: false, lifetime }, 1000, randomBytes).stored;

test("tokens are kept for their owner alone, and another reader of the file sees each change", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "foreshadow-tokens-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "tokens.json");
  const [mine, engines] = [new TokenFile(path), new TokenFile(path)];
  assert.deepEqual(engines.read(), []);
  const [ann, robot] = [token("ann"), token("robot", 10)];
  mine.add(ann);
  mine.add(robot);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(engines.read(), [ann, robot]);
  assert.equal(mine.revoke(ann.id, 1005), true);
  assert.equal(mine.revoke(ann.id, 1006), false);
  assert.equal(mine.revoke("000000000000", 1006), false);
  assert.deepEqual(engines.read(), [{ ...ann, revokedAt: 1005 }, robot]);
  assert.equal(mine.prune(1009), 1);
  assert.deepEqual(engines.read(), [robot]);
  writeFileSync(path, `{"version":1,"tokens":[{"hash":"canary"}]}`);
  assert.throws(
    () => engines.read(),
    (error: Error) => /damaged file/.test(error.message) && !error.message.includes("canary"),
  );
});
