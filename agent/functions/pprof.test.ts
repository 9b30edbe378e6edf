import assert from "node:assert/strict";
import { test } from "node:test";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { decodePprof } from "./decode-pprof.ts";
import { encodePprof } from "./encode-pprof.ts";
import type { Profile } from "./profile.ts";

const hot = { name: "hot", file: "/app/höt.js", line: 12 };
const main = { name: "main", file: "", line: 0 };
const PROFILE: Profile = {
  at: 1_795_491_620,
  seconds: 10,
  samples: [
    { stack: [hot, hot, main], nanoseconds: 7e9 },
    { stack: [main], nanoseconds: 10_000_000 },
    { stack: [], nanoseconds: 1 },
  ],
};

test("a profile comes back as it was", () => {
  assert.deepEqual(decodePprof(encodePprof(PROFILE, 0.01)), PROFILE);
});

test("values are told by their type, and repeated fields need not be packed", () => {
  const writer = new BinaryWriter();
  const message = (field: number, numbers: readonly (readonly [number, number])[]) => {
    writer.tag(field, WireType.LengthDelimited).fork();
    for (const [number, value] of numbers) writer.tag(number, WireType.Varint).int64(value);
    writer.join();
  };
  message(1, [
    [1, 1],
    [2, 2],
  ]);
  message(1, [
    [1, 3],
    [2, 4],
  ]);
  message(2, [
    [1, 5],
    [2, 17],
    [2, 250],
  ]);
  writer.tag(4, WireType.LengthDelimited).fork().tag(1, WireType.Varint).int64(5);
  writer.tag(4, WireType.LengthDelimited).fork().tag(1, WireType.Varint).int64(6).join().join();
  message(5, [
    [1, 6],
    [2, 5],
  ]);
  for (const text of ["", "samples", "count", "cpu", "nanoseconds", "main.hot"])
    writer.tag(6, WireType.LengthDelimited).string(text);
  const { samples } = decodePprof(writer.finish());
  assert.deepEqual(samples, [{ stack: [{ name: "main.hot", file: "", line: 0 }], nanoseconds: 250 }]);
});

test("what is no CPU profile is refused", () => {
  assert.throws(() => decodePprof(new Uint8Array()), /expected a profile with cpu\/nanoseconds, found no values/);
  assert.throws(() => decodePprof(Buffer.from("<html>not a profile</html>")), Error);
});

test("damaged bytes end in an error or a profile, never in anything else", () => {
  const whole = encodePprof(PROFILE, 0.01);
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, length) => {
      const damaged = whole.slice(0, length);
      if (at < length) damaged[at] = byte;
      try {
        assert.ok(Array.isArray(decodePprof(damaged).samples));
      } catch (error) {
        assert.ok(error instanceof Error);
      }
    }),
    { numRuns: 500 },
  );
});
