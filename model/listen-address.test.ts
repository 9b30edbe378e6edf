import assert from "node:assert/strict";
import { test } from "node:test";
import { InputError } from "./input-error.ts";
import { parseListenAddress } from "./listen-address.ts";

test("loopback addresses are taken", () => {
  assert.deepEqual(parseListenAddress("127.0.0.1:9477", "x"), { host: "127.0.0.1", port: 9477 });
  assert.deepEqual(parseListenAddress("[::1]:0", "x"), { host: "::1", port: 0 });
  assert.deepEqual(parseListenAddress("localhost:80", "x"), { host: "localhost", port: 80 });
});

for (const text of [
  "0.0.0.0:80",
  "[::]:80",
  "10.0.0.1:80",
  "127.0.0.1",
  "127.0.0.1:65536",
  ":80",
  "127.evil.com:80",
  "",
])
  test(`"${text}" is refused with what was expected`, () => {
    assert.throws(
      () => parseListenAddress(text, "the listen address"),
      (error: Error) =>
        error instanceof InputError && error.message.startsWith("the listen address: expected a loopback"),
    );
  });
