import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readSecret } from "./secret.ts";

test("a secret is read from a variable or a file, and its replacement after it", () => {
  const root = mkdtempSync(join(tmpdir(), "foreshadow-secret-"));
  try {
    assert.equal(readSecret({ env: "TOKEN" }, "token", root, { TOKEN: "one\n" }), "one");
    writeFileSync(join(root, "token"), "two\n");
    assert.equal(readSecret({ file: "token" }, "token", root, {}), "two");
    writeFileSync(join(root, "token"), "three");
    assert.equal(readSecret({ file: "token" }, "token", root, {}), "three");
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("what is no secret is refused without being told", () => {
  const read = (value?: string) => () => readSecret({ env: "TOKEN" }, "review.github.token", "/", { TOKEN: value });
  assert.throws(read(), /review\.github\.token: expected a secret .* variable TOKEN, found nothing/);
  assert.throws(read("canary\r\nx-injected: yes"), (error: Error) => !error.message.includes("canary"));
  assert.throws(() => readSecret({ file: "none" }, "token", "/", {}), /found ENOENT/);
});
