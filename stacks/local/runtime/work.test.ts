import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseDemand, perform } from "./work.ts";

const demand = (query: string) => {
  const parsed = parseDemand(new URLSearchParams(query));
  if (typeof parsed === "string") throw new Error(parsed);
  return parsed;
};

function volume(): string {
  const directory = mkdtempSync(join(tmpdir(), "work-"));
  after(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, "data"));
  return directory;
}

test("CPU work costs the CPU time that was asked for", async () => {
  const start = process.cpuUsage();
  await perform(demand("cpu=30"), "/", 1);
  const { user, system } = process.cpuUsage(start);
  assert.ok((user + system) / 1000 >= 30);
});

test("disk work writes whole pages that are there to be read", async () => {
  const directory = volume();
  await perform(demand("disk=300000"), directory, 7);
  const [file] = readdirSync(join(directory, "data"));
  assert.match(file, /^scratch-7-/);
  assert.equal(statSync(join(directory, "data", file)).size, Math.ceil(300_000 / 4096) * 4096);
});

test("what is kept accumulates", async () => {
  const directory = volume();
  await perform(demand("keep=1000"), directory, 2);
  await perform(demand("keep=500"), directory, 2);
  assert.equal(statSync(join(directory, "data", "kept-2")).size, 1500);
});

test("a volume that is away for a moment delays the request and does not fail it", async () => {
  const directory = volume();
  rmSync(join(directory, "data"), { recursive: true });
  setTimeout(() => mkdirSync(join(directory, "data")), 50);
  await perform(demand("disk=4096"), directory, 1);
});

test("the answer is as long as was asked for", async () => {
  assert.equal((await perform(demand("bytes=1234&memory=100000"), "/", 1)).byteLength, 1234);
});

test("an absurd demand is refused in words", () => {
  for (const query of ["cpu=-1", "cpu=NaN", "cpu=", "bytes=1e12", "sleep=5"])
    assert.equal(typeof parseDemand(new URLSearchParams(query)), "string", query);
});
