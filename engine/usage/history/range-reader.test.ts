import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instants } from "../pull/prometheus-server.ts";
import { RangeReader } from "./range-reader.ts";

/** A server whose one series is the time; it refuses what `refuses` says, and counts what was open at a time. */
function serverOf(refuses: (instants: Instants, call: number) => string | undefined = () => undefined) {
  const calls: Instants[] = [];
  let [open, most] = [0, 0];
  return {
    calls,
    most: () => most,
    queryRange: async (_: string, instants: Instants) => {
      calls.push(instants);
      most = Math.max(most, ++open);
      await new Promise((resolve) => setImmediate(resolve));
      open--;
      const refusal = refuses(instants, calls.length);
      if (refusal !== undefined) throw new Error(refusal);
      const { first, last, step } = instants;
      const count = Math.round((last - first) / step) + 1;
      const values = Array.from({ length: count }, (_, i) => [first + i * step, first + i * step] as const);
      return [{ labels: new Map([["a", "b"]]), values }];
    },
  };
}

const WINDOW = { from: 6000, to: 6000 + 300 * 100, step: 300 };

async function readAll(reader: RangeReader, window = WINDOW): Promise<number[][]> {
  const all: number[][] = [];
  await reader.read("x", window, (_, points) => all.push(...points.map((point) => [...point])));
  return all.sort(([a], [b]) => a - b);
}

test("a tick's value is that of its end, each once", async () => {
  const all = await readAll(new RangeReader({ server: serverOf(), concurrency: 1 }));
  assert.deepEqual(
    all,
    Array.from({ length: 100 }, (_, tick) => [tick, 6000 + (tick + 1) * 300]),
  );
});

test("what is too much for one answer is asked for in halves", async () => {
  for (const refusal of [
    "the answer is longer than 33554432 bytes",
    "Cannot create a Buffer larger than 67108864 bytes",
    "422 query processing would load too many samples into memory in query execution",
    "no answer in 20 s",
    "503 query timed out in query execution",
  ]) {
    const server = serverOf(({ first, last, step }) => ((last - first) / step + 1 > 30 ? refusal : undefined));
    const all = await readAll(new RangeReader({ server, concurrency: 1, wait: async () => {} }));
    assert.deepEqual([all.length, all[99]], [100, [99, 6000 + 100 * 300]], refusal);
  }
});

test("more instants than a server answers at a time are asked for in pieces", async () => {
  const server = serverOf(({ first, last, step }) =>
    (last - first) / step + 1 > 11_000 ? "400 exceeded maximum resolution of 11,000 points" : undefined,
  );
  const window = { from: 0, to: 60 * 25_000, step: 60 };
  assert.equal((await readAll(new RangeReader({ server, concurrency: 2 }), window)).length, 25_000);
  assert.equal(server.calls.length, 3);
});

test("a passing failure is asked again, a lasting one is told", async () => {
  const passing = serverOf((_, call) => (call < 3 ? "503 Service Unavailable" : undefined));
  assert.equal((await readAll(new RangeReader({ server: passing, concurrency: 1, wait: async () => {} }))).length, 100);
  const lasting = serverOf(() => "502 Bad Gateway");
  const reader = new RangeReader({ server: lasting, concurrency: 1, wait: async () => {} });
  await assert.rejects(readAll(reader), /502 Bad Gateway/);
  assert.equal(lasting.calls.length, 4);
  const denied = serverOf(() => "401 Unauthorized");
  await assert.rejects(readAll(new RangeReader({ server: denied, concurrency: 1 })), /401/);
  assert.equal(denied.calls.length, 1);
});

test("no more questions are open at a time than allowed", async () => {
  const server = serverOf();
  const reader = new RangeReader({ server, concurrency: 3 });
  await Promise.all(Array.from({ length: 20 }, () => readAll(reader)));
  assert.deepEqual([server.most(), server.calls.length], [3, 20]);
});
