import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeWrite, decodeWrite2, TooMuch } from "./decode-write.ts";
import { type WrittenSeries, writeRequest, writeRequest2 } from "./write.fixture.ts";

const NAMES = new Set(["cpu_total"]);
const ALL: readonly WrittenSeries[] = [
  {
    labels: { __name__: "cpu_total", job: "web", "host.name": "h" },
    samples: [
      [100.5, 7],
      [101, Number.NaN],
    ] as const,
  },
  { labels: { __name__: "nothing_to_us", job: "web" }, samples: [[100, 1]] },
];
const EXPECTED = [
  {
    name: "cpu_total",
    labels: new Map([
      ["job", "web"],
      ["host_name", "h"],
    ]),
    value: 7,
    at: 100.5,
  },
];

for (const [version, decode, write] of [
  ["1.0", decodeWrite, writeRequest],
  ["2.0", decodeWrite2, writeRequest2],
] as const) {
  test(`${version}: what means something is told, what is NaN has ended`, () => {
    const { samples, count } = decode(write(ALL), NAMES);
    assert.deepEqual(samples, EXPECTED);
    assert.equal(count, 3);
  });

  test(`${version}: a body that was cut anywhere, and one of too many labels, are refused`, () => {
    const whole = write(ALL);
    for (let end = 1; end < whole.length; end++)
      try {
        decode(whole.subarray(0, end), NAMES);
      } catch (error) {
        assert.ok(error instanceof Error);
      }
    const labels = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`l${i}`, "x"]));
    assert.throws(() => decode(write([{ labels, samples: [] }]), NAMES), TooMuch);
  });
}
