import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Capacity } from "../../model/capacity.ts";
import type { Changeset } from "../../model/changeset.ts";
import { MemoryControlStore } from "../../test/change/memory-control-store.ts";
import type { Publication } from "../orchestrator/change/capacity-branch.port.ts";
import { PlanPublication } from "./plan-publication.ts";

const HOUR = 3600;
const STACKS = [
  { dir: "stacks/local", name: "dev" },
  { dir: "stacks/local", name: "dev" },
];

function setUp() {
  let now = 1_800_000_000;
  let text = "version: 1\n";
  let number = 0;
  const control = new MemoryControlStore();
  const published: (Publication & { now: number })[] = [];
  const alerts: string[] = [];
  const remote = { reachable: true };
  const start = () =>
    new PlanPublication({
      control,
      review: { head: async () => "c0ffee", read: async () => text },
      branch: {
        publish: async (publication) => {
          if (!remote.reachable) throw new Error("git ls-remote: no route to host");
          published.push({ ...publication, now });
          return `commit${published.length}`;
        },
      },
      clock: { now: () => now, monotonic: () => now },
      alert: (line) => alerts.push(line),
    });
  let publication = start();
  return {
    control,
    published,
    alerts,
    remote,
    restart: () => {
      publication = start();
    },
    async done(count: number, over: Partial<Changeset> = {}) {
      text = `version: 1 # ${count}\n`;
      const capacity = (replicas: number) => ({ replicas: { count: replicas }, plan: [] }) as unknown as Capacity;
      const parts = { perReplica: {}, storage: {}, network: {} };
      const changeset = {
        id: `c${++number}`,
        workload: "web",
        stack: STACKS[0],
        state: "done",
        createdAt: now,
        updatedAt: now,
        revision: 1,
        before: { ...capacity(1), ...parts },
        after: { ...capacity(count), ...parts },
        reasons: [{ kind: "forecast", series: "cpu", interval: [1.5, 4], text: "cpu rises" }],
        evidence: { inputDigest: "d1gest", models: [{ model: "seasonal ar" }] },
        previewDigest: "pr3view",
        envelope: { path: "capacity/dev.envelope.yaml", commit: "e0e0" },
        ...over,
      } as unknown as Changeset;
      await control.save(changeset, 0, { at: now, kind: "state", body: {} });
    },
    tend: (seconds = 0) => {
      now += seconds;
      return publication.tend(STACKS);
    },
  };
}

test("what went on inside an envelope is published with what it rests on", async () => {
  const { control, published, done, tend } = setUp();
  await done(4);
  await tend(1);
  assert.equal(published.length, 1);
  assert.deepEqual([published[0].path, published[0].text], ["capacity/dev.yaml", "version: 1 # 4\n"]);
  const { sequence, hash } = control.entries[0];
  assert.equal(
    published[0].message,
    `dev: plans inside the envelope [skip ci]

- web: replicas 1 → 4

Foreshadow-Changeset: c1
Foreshadow-Evidence: d1gest
Foreshadow-Model: seasonal ar
Foreshadow-Interval: cpu 1.5 to 4
Foreshadow-Preview: pr3view
Foreshadow-Envelope: capacity/dev.envelope.yaml at e0e0
Foreshadow-Ledger: ${sequence}:${hash}
`,
  );
  assert.deepEqual(control.entries.at(-1)?.body, { stack: "dev", commit: "commit1", changesets: ["c1"] });
});

test("what a person or policy approved is not published, nor is anything twice", async () => {
  const { published, done, tend } = setUp();
  await done(4, { envelope: undefined });
  await tend(1);
  assert.equal(published.length, 0);
  await done(5);
  await tend(1);
  await tend(2 * HOUR);
  assert.equal(published.length, 1);
  assert.doesNotMatch(published[0].message, /c1/);
});

test("a remote out of reach is told once in five minutes, and what was missed goes along when it is back", async () => {
  const { published, alerts, remote, done, tend } = setUp();
  remote.reachable = false;
  await done(4);
  for (let second = 0; second < 600; second += 60) await tend(60);
  assert.equal(alerts.length, 2);
  assert.match(alerts[0], /dev: plans were carried out and not published: git ls-remote: no route to host/);
  await done(5);
  remote.reachable = true;
  await tend(300);
  assert.deepEqual(
    published.map(({ text }) => text),
    ["version: 1 # 5\n"],
  );
  assert.match(published[0].message, /Foreshadow-Changeset: c1\nForeshadow-Changeset: c2\n/);
  assert.match(published[0].message, /- 1 changes before these/);
});

test("however often plans change and engines start, a stack has at most 24 pushes in any day, and none is forgotten", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ wait: fc.integer({ min: 1, max: 2500 }), restart: fc.boolean() }), {
        minLength: 30,
        maxLength: 60,
      }),
      async (turns) => {
        const { published, restart, done, tend } = setUp();
        for (const [i, { wait, restart: again }] of turns.entries()) {
          await done(i + 1);
          if (again) restart();
          await tend(wait);
        }
        await tend(HOUR);
        for (const { now } of published) {
          const day = published.filter((other) => other.now >= now && other.now < now + 86_400);
          assert.ok(day.length <= 24);
        }
        assert.equal(published.at(-1)?.text, `version: 1 # ${turns.length}\n`);
      },
    ),
    { numRuns: 30 },
  );
});
