import assert from "node:assert/strict";
import { test } from "node:test";
import { collapsedProfile } from "./collapsed-profile.ts";
import { functionShares } from "./function-shares.ts";
import { nodeProfile } from "./node-profile.ts";

const node = (id: number, functionName: string, children: readonly number[] = [], lineNumber = 4) => ({
  id,
  callFrame: { functionName, url: functionName.startsWith("(") ? "" : "file:///srv/app.mjs", lineNumber },
  children,
});

test("of V8's profile, time in which the thread was idle does not count", () => {
  const profile = nodeProfile(
    {
      nodes: [
        node(1, "(root)", [2, 3, 5]),
        node(2, "(idle)"),
        node(3, "serve", [4]),
        node(4, ""),
        node(5, "(garbage collector)"),
      ],
      startTime: 1_000_000,
      endTime: 3_000_000,
      samples: [3, 2, 4, 4, 5],
      timeDeltas: [100_000, 500_000, 200_000, 400_000, 300_000],
    },
    50,
  );
  assert.deepEqual([profile.at, profile.seconds], [50, 2]);
  assert.deepEqual(functionShares(profile), [
    { name: "(anonymous in line 5)", file: "app.mjs", share: 0.6 },
    { name: "(garbage collector)", file: "", share: 0.3 },
    { name: "serve", file: "app.mjs", share: 0.1 },
  ]);
  const [, inner] = profile.samples;
  assert.deepEqual(
    inner.stack.map(({ name }) => name),
    ["(anonymous)", "serve"],
  );
});

test("collapsed stacks have the innermost last, and names that hold anything", () => {
  const text =
    '<module> (run.py:1);spin; (odd) (a b/work.py:20) 3\n<module> (run.py:1) 1\nno count\n process 1:"x" 0\n\n';
  const profile = collapsedProfile(text, { at: 1, seconds: 2, period: 0.01 });
  assert.deepEqual(profile.samples, [
    {
      stack: [
        { name: " (odd)", file: "a b/work.py", line: 20 },
        { name: "spin", file: "", line: 0 },
        { name: "<module>", file: "run.py", line: 1 },
      ],
      nanoseconds: 3e7,
    },
    { stack: [{ name: "<module>", file: "run.py", line: 1 }], nanoseconds: 1e7 },
  ]);
});

test("what Go's runtime does for a function counts to it, what it does for itself to it", () => {
  const frame = (name: string) => ({ name, file: "/x/a.go", line: 1 });
  const samples = [
    {
      stack: [frame("runtime.memmove"), frame("runtime.growslice"), frame("main.hot"), frame("main.main")],
      nanoseconds: 6,
    },
    { stack: [frame("internal/runtime/maps.get"), frame("main.hot")], nanoseconds: 2 },
    { stack: [frame("runtime.gcDrain"), frame("runtime.gcBgMarkWorker")], nanoseconds: 2 },
    { stack: [], nanoseconds: 99 },
  ];
  assert.deepEqual(
    functionShares({ at: 0, seconds: 1, samples }).map(({ name, share }) => [name, share]),
    [
      ["main.hot", 0.8],
      ["runtime.gcDrain", 0.2],
    ],
  );
});
