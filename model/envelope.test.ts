import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Envelope, editEnvelope, envelopePath, type HourRange, parseEnvelope, rangeOf } from "./envelope.ts";

const FILE = "capacity/dev.envelope.yaml";
const TEXT = `version: 1
# Agreed with the shop.
web:
  until: 2026-12-01T00:00Z # the sale begins
  hours:
    00-08: { least: 2, greatest: 4 } # nights
    08-24: { least: 4, greatest: 20 }
`;

test("an envelope gives the range of each hour of the day", () => {
  const envelope = parseEnvelope(TEXT, FILE).get("web")!;
  assert.equal(envelope.until, Date.UTC(2026, 11, 1) / 1000);
  assert.deepEqual(rangeOf(envelope, 7), { from: 0, to: 8, least: 2, greatest: 4 });
  assert.deepEqual(rangeOf(envelope, 8), { from: 8, to: 24, least: 4, greatest: 20 });
  assert.equal(rangeOf({ ...envelope, hours: envelope.hours.slice(1) }, 7), undefined);
  assert.equal(envelopePath("capacity/dev.yaml"), FILE);
});

test("what is wrong is named with its line", () => {
  const wrong = (from: string, to: string) => () => parseEnvelope(TEXT.replace(from, to), FILE);
  assert.throws(
    wrong("08-24", "20-08"),
    /dev.envelope.yaml:7: web.hours.20-08: expected hours of the day such as 08-20/,
  );
  assert.throws(wrong("08-24", "07-24"), /:7: web.hours.07-24: expected hours that are not in 00-08 as well/);
  assert.throws(wrong("least: 2", "least: 5"), /:6: web.hours.00-08: expected a least of at most the greatest/);
  assert.throws(wrong("  until: 2026-12-01T00:00Z", "  until: tomorrow"), /:4: web.until: expected an instant in UTC/);
  assert.throws(wrong("greatest: 4 ", "most: 4 "), /expected no such key, found most/);
  assert.throws(wrong("web:", "Web:"), /expected a workload name of a-z, 0-9 and -/);
});

test("an edit changes its lines and leaves comments", () => {
  const envelope = parseEnvelope(TEXT, FILE).get("web")!;
  const hours = envelope.hours.map((range) => (range.from === 8 ? { ...range, greatest: 30 } : range));
  assert.equal(editEnvelope(TEXT, FILE, "web", { ...envelope, hours }), TEXT.replace("20 }", "30 }"));
  assert.equal(
    editEnvelope("", FILE, "api", { until: envelope.until, hours: envelope.hours }),
    `version: 1
api:
  until: 2026-12-01T00:00Z
  hours:
    00-08: { least: 2, greatest: 4 }
    08-24: { least: 4, greatest: 20 }
`,
  );
});

const envelopes: fc.Arbitrary<Envelope> = fc
  .record({
    until: fc.integer({ min: 0, max: 4e9 }),
    cuts: fc.uniqueArray(fc.integer({ min: 0, max: 24 }), { minLength: 2, maxLength: 8 }),
    sizes: fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { minLength: 8, maxLength: 8 }),
  })
  .map(({ until, cuts, sizes }) => {
    const edges = cuts.sort((a, b) => a - b);
    const hours: HourRange[] = edges.slice(1).map((to, i) => {
      const [least, greatest] = sizes[i].sort((a, b) => a - b);
      return { from: edges[i], to, least, greatest };
    });
    return { until, hours };
  });

test("what was written is read back, whatever stood there before", () => {
  fc.assert(
    fc.property(envelopes, envelopes, (first, second) => {
      const text = editEnvelope(editEnvelope(TEXT, FILE, "api", first), FILE, "api", second);
      const parsed = parseEnvelope(text, FILE);
      assert.deepEqual(parsed.get("api"), second);
      assert.deepEqual(parsed.get("web"), parseEnvelope(TEXT, FILE).get("web"));
    }),
  );
});
