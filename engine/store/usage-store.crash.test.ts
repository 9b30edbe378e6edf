import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { siblingModule } from "../../model/sibling.ts";
import type { UsageVector } from "../../model/vector.ts";
import { storeDirectory } from "./store-directory.ts";
import { openUsageStore } from "./usage-store.ts";

const NOW = 1_800_000_000;

test("killed at any moment, the store has what it flushed, and samples and rollups agree", async (t) => {
  const project = mkdtempSync(join(tmpdir(), "foreshadow-usage-crash-"));
  t.after(() => rmSync(project, { recursive: true, force: true }));
  for (let run = 0; run < 3; run++) {
    const fixture = siblingModule(import.meta.url, "./usage-store.fixture");
    const writer = spawn(process.execPath, [fixture, project], { stdio: ["ignore", "pipe", "inherit"] });
    t.after(() => writer.kill("SIGKILL"));
    let told = "";
    writer.stdout.on("data", (data) => {
      told += data;
    });
    await once(writer.stdout, "data");
    await sleep(30 + Math.random() * 100);
    writer.kill("SIGKILL");
    await once(writer, "close");
    const flushed = Number(told.slice(0, told.lastIndexOf("\n")).split("\n").at(-1));

    const store = openUsageStore(storeDirectory("sqlite:store", project), { now: () => NOW, notify: assert.fail });
    const from = NOW - 6000;
    const { values } = await store.demand("web", "cpu", from, NOW, 1);
    const last = values.findLastIndex((value) => !Number.isNaN(value));
    assert.ok(last + 1 >= flushed, `${last + 1} there, ${flushed} flushed`);
    for (let i = 0; i <= last; i++) assert.equal(values[i], i);
    for (const step of [10, 60, 300]) {
      const { values: means } = await store.demand("web", "cpu", from, NOW, step);
      for (const [i, mean] of means.entries()) {
        const [begin, end] = [i * step, Math.min((i + 1) * step, last + 1)];
        if (end <= begin) assert.ok(Number.isNaN(mean));
        else assert.ok(Math.abs(mean - (begin + end - 1) / 2) < 1e-9, `step ${step}, ${i}: ${mean}`);
      }
    }
    await store.close();
  }
});

test("on a full disk usage is kept in memory, and written when there is space again", async (t) => {
  const project = mkdtempSync(join(tmpdir(), "foreshadow-usage-full-"));
  let mounted = false;
  t.after(() => {
    if (mounted) execFileSync("umount", [project]);
    rmSync(project, { recursive: true, force: true });
  });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", project], { stdio: "ignore" });
    mounted = true;
  } catch {
    t.skip("a small file system cannot be mounted here");
    return;
  }
  const messages: string[] = [];
  const notify = (message: string) => messages.push(message);
  const store = openUsageStore(storeDirectory("sqlite:.", project), { now: () => NOW, notify });
  try {
    const from = NOW - 6000;
    const sample = (i: number): UsageVector => ({
      workload: "web",
      host: "h1",
      at: from + i + 1,
      interval: 1,
      replicas: 1,
      usage: { cpu: i },
      demand: {},
      censored: [],
      missing: [],
      processes: [],
    });
    store.append([sample(0)]);
    await store.flush();
    const ballast = join(project, "ballast");
    try {
      writeFileSync(ballast, Buffer.alloc(2 ** 20));
    } catch {
      // As much of it as there is room for.
    }
    store.append(Array.from({ length: 1000 }, (_, i) => sample(i + 1)));
    await assert.rejects(store.flush(), { name: "StoreError", kind: "full", message: /no space is left/ });
    assert.equal(messages.length, 1);
    assert.match(messages[0], /kept in memory.*no space is left/);
    rmSync(ballast);
    await store.flush();
    const { values } = await store.demand("web", "cpu", from, from + 1001, 1);
    assert.deepEqual(
      [...values],
      Array.from({ length: 1001 }, (_, i) => i),
    );
    assert.equal(store.dropped, 0);
  } finally {
    await store.close();
  }
});
