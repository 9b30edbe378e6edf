import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCapacity } from "../model/capacity.ts";
import { localThread } from "./forecast/hosting/thread.ts";
import { threadedCapacityParser } from "./threaded-capacity-parser.ts";

const section = (name: string, count: number | string) =>
  `${name}:\n  owns: desired\n  replicas: { count: ${count} }\n  perReplica: { cpu: 1, memory: 4GiB }\n`;
const many = (last: number | string) =>
  `version: 1\n${Array.from({ length: 100 }, (_, i) => section(`w${i}`, i === 99 ? last : i)).join("")}`;

test("a large file says on another thread what it says here", async (t) => {
  const parser = threadedCapacityParser();
  t.after(() => parser.end());
  const read = await Promise.all([parser.parse(many(3), "a.yaml"), parser.parse(many(4), "b.yaml")]);
  assert.deepEqual(read, [parseCapacity(many(3), "a.yaml"), parseCapacity(many(4), "b.yaml")]);
});

test("what is wrong with a large file is told with file, line and path", async (t) => {
  const parser = threadedCapacityParser();
  t.after(() => parser.end());
  await assert.rejects(parser.parse(many("lots"), "a.yaml"), {
    name: "InputError",
    message: /^a\.yaml:400: w99\.replicas: expected .*, found /,
  });
});

test("what a thread that died has left is read all the same, and the next file by another thread", async () => {
  let started = 0;
  const parser = threadedCapacityParser(() => {
    started++;
    let ended = (_: string) => {};
    const thread = localThread<never, never>(() => ({ handle: () => ended("it died") }));
    return { ...thread, onEnded: (listener) => (ended = listener) };
  });
  assert.deepEqual(await parser.parse(many(3), "a.yaml"), parseCapacity(many(3), "a.yaml"));
  assert.deepEqual(await parser.parse(many(4), "a.yaml"), parseCapacity(many(4), "a.yaml"));
  assert.equal(started, 2);
});
