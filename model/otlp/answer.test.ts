import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { partialSuccess, statusMessage } from "./answer.ts";
import { ExportMetricsServiceResponseSchema, StatusSchema } from "./generated/metrics_pb.ts";

const response = (rejectedDataPoints: bigint, errorMessage: string) =>
  Buffer.from(
    toBinary(
      ExportMetricsServiceResponseSchema,
      create(ExportMetricsServiceResponseSchema, { partialSuccess: { rejectedDataPoints, errorMessage } }),
    ),
  );
const status = (message: string) => Buffer.from(toBinary(StatusSchema, create(StatusSchema, { message })));

test("a partial success is read as the generated code writes it", () => {
  for (const rejected of [0, 1, 127, 128, 70_000, 2 ** 40])
    for (const reason of ["", "too old", "zu älter ✓", "x".repeat(200)])
      assert.deepEqual(partialSuccess(response(BigInt(rejected), reason)), { rejected, reason });
});

test("a status is read as the generated code writes it, and not longer than a line", () => {
  assert.equal(statusMessage(status("no token")), "no token");
  assert.equal(statusMessage(status("y".repeat(1000))), "y".repeat(300));
});

test("what is not OTLP's says nothing", () => {
  const whole = response(300n, "too old");
  for (const answer of [
    "",
    "ok\n",
    "<html><body>no</body></html>",
    "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    "\x80",
  ]) {
    assert.deepEqual(partialSuccess(Buffer.from(answer, "latin1")), { rejected: 0, reason: "" }, answer);
    assert.equal(statusMessage(Buffer.from(answer, "latin1")), "", answer);
  }
  for (let length = 1; length < whole.length; length++)
    assert.deepEqual(partialSuccess(whole.subarray(0, length)), { rejected: 0, reason: "" });
});
