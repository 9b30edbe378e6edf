import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { DiskBuffer } from "./disk-buffer.ts";

const MIB = 1024 * 1024;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "foreshadow-buffer-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = (most = 64 * MIB) => new DiskBuffer(directory, most);
const batch = (text: string, vectors = 1) => ({ bytes: Buffer.from(text), vectors });

function drain(buffer: DiskBuffer): string[] {
  const texts: string[] = [];
  for (let next = buffer.oldest(); next !== undefined; next = buffer.oldest()) {
    texts.push(next.bytes.toString());
    buffer.delivered(next.segment);
  }
  return texts;
}

test("what was kept comes back in order, also after a restart, and leaves nothing behind", () => {
  const first = open();
  first.append(batch("a", 2));
  first.append(batch("b"));
  first.close();
  const second = open();
  assert.equal(second.vectors, 3);
  second.append(batch("c"));
  assert.deepEqual(drain(second), ["ab", "c"]);
  assert.deepEqual([second.vectors, second.dropped, readdirSync(directory)], [0, 0, []]);
});

test("what is not said to be delivered is there again", () => {
  const buffer = open();
  buffer.append(batch("a"));
  assert.equal(buffer.oldest()?.bytes.toString(), "a");
  buffer.append(batch("b"));
  buffer.close();
  assert.deepEqual(drain(open()), ["a", "b"]);
});

test("when there is no room the oldest give way and are counted", () => {
  const buffer = open(2 * MIB);
  for (const letter of "abcde") buffer.append(batch(letter.repeat(600_000), 10));
  assert.deepEqual([buffer.vectors, buffer.dropped], [30, 20]);
  assert.deepEqual(
    drain(buffer).map((text) => text[0]),
    ["c", "d", "e"],
  );
});

test("what gives way while it is being delivered takes nothing else with it", () => {
  const buffer = open(2 * MIB);
  buffer.append(batch("a".repeat(MIB)));
  const { segment } = buffer.oldest()!;
  for (const letter of "bc") buffer.append(batch(letter.repeat(900_000)));
  buffer.delivered(segment);
  assert.deepEqual(
    drain(buffer).map((text) => text[0]),
    ["b", "c"],
  );
});

test("a record that a crash cut off is left out, and so is a file that is none of it", () => {
  const buffer = open();
  buffer.append(batch("a"));
  buffer.close();
  appendFileSync(join(directory, "0000000001.segment"), Buffer.from([200, 0, 0, 0, 1, 0]));
  writeFileSync(join(directory, "0000000002.segment"), "no segment at all, but long enough to have a header");
  writeFileSync(join(directory, "notes.txt"), "");
  assert.deepEqual(drain(open()), ["a"]);
});

test("a file that goes away under way is counted and costs nothing else", () => {
  const buffer = open();
  buffer.append(batch("a".repeat(MIB), 7));
  buffer.append(batch("b"));
  rmSync(join(directory, "0000000001.segment"));
  assert.deepEqual(drain(buffer), ["b"]);
  assert.equal(buffer.dropped, 7);
});
