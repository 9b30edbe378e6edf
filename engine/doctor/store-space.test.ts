import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openControlStore } from "../store/control-store.ts";
import { openUsageDatabase } from "../store/open-usage-database.ts";
import { createStoreDirectory, storeDirectory } from "../store/store-directory.ts";
import { COLUMNS, mostUsageBytes } from "../store/usage-schema.ts";
import { examineSpace } from "./store-space.ts";

const START = 1_800_000_000;

test("the store's size is told beside what it grows to, and series stay within their bound", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "foreshadow-space-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const directory = storeDirectory("sqlite:.", root);
  createStoreDirectory(directory);
  const control = openControlStore(directory, () => {});
  await control.record({ at: START, kind: "tick", body: {} });
  control.close();
  const levels = [
    { bucket: 0, keep: 1200 },
    { bucket: 60, keep: 86_400 },
  ];
  const usage = openUsageDatabase(directory.usageDatabase, levels, START, () => {});
  for (let at = START; at < START + 1200; at += 20) {
    const records = ["web", "api", "queue", "cache"].flatMap((workload) =>
      Array.from({ length: 20 }, (_, i) => ({
        workload,
        host: "h",
        at: at + i,
        interval: 1,
        values: Array.from({ length: COLUMNS }, (_, column) => at + i + column / 7),
      })),
    );
    usage.append(records, at + 20);
  }
  usage.close();
  assert.ok(statSync(directory.usageDatabase).size < mostUsageBytes(levels, 4, 1));

  const texts = async (now: number) =>
    Object.fromEntries((await examineSpace(directory, 1, now)).map(({ what, text }) => [what, text]));
  const young = await texts(START + 3600);
  assert.match(young["size of the series"], /^1\.1 MiB of at most 174 MiB: 4 streams/);
  assert.doesNotMatch(young["size of the record"], /a day/);
  assert.match((await texts(START + 2 * 86_400))["size of the record"], /^0\.\d MiB, by 0\.\d MiB more a day so far/);
});
