import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { monotonicSeconds } from "../model/host-clock.ts";
import { assertStillHolder } from "./lease-guard.ts";

const directory = mkdtempSync(join(tmpdir(), "lease-"));
const file = join(directory, "lease");
after(() => rmSync(directory, { recursive: true }));

test("without the engine nothing is checked", () => assertStillHolder({}));

test("the holder passes, whoever has lost the lease does not", () => {
  const environment = { FORESHADOW_LEASE_FILE: file, FORESHADOW_LEASE_TOKEN: "7" };
  writeFileSync(file, "7\n");
  assertStillHolder(environment);
  writeFileSync(file, "8\n");
  assert.throws(() => assertStillHolder(environment), /another engine has taken over/);
  rmSync(file);
  assert.throws(() => assertStillHolder(environment), /found ENOENT: another engine has taken over/);
});

test("a lease that ends by either clock refuses what begins afterwards", () => {
  const environment = { FORESHADOW_LEASE_FILE: file, FORESHADOW_LEASE_TOKEN: "7.3" };
  const lasts = (monotonic: number, wall: number) =>
    writeFileSync(file, `7.3\n${monotonicSeconds() + monotonic} ${Date.now() / 1000 + wall}\n`);
  lasts(60, 60);
  assertStillHolder(environment);
  for (const [monotonic, wall] of [
    [-1, 60],
    [60, -1],
  ]) {
    lasts(monotonic, wall);
    assert.throws(() => assertStillHolder(environment), /found one that has run out/);
  }
  writeFileSync(file, "7.3\nsoon\n");
  assert.throws(() => assertStillHolder(environment), /run out/);
});

test("half of a check is a mistake, not a pass", () => {
  assert.throws(() => assertStillHolder({ FORESHADOW_LEASE_TOKEN: "7" }), /expected both/);
  assert.throws(() => assertStillHolder({ FORESHADOW_LEASE_FILE: file, FORESHADOW_LEASE_TOKEN: "" }), /expected both/);
});
