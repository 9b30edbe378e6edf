import assert from "node:assert/strict";
import { test } from "node:test";
import { addressesOf } from "./network.ts";
import { kernelNames, refuseRunDirectory, runRoot } from "./run-directory.ts";

test("the environment's run root comes before all others", () => {
  assert.equal(runRoot({ FORESHADOW_RUN_ROOT: "/somewhere" }), "/somewhere");
});

test("names for the kernel fit into 15 characters and differ by run directory", () => {
  const [one, other] = [kernelNames("/run/foreshadow/web"), kernelNames("/tmp/a/web")];
  for (const name of [one.veth, one.peer]) assert.ok(name.length <= 15, name);
  assert.notEqual(one.veth, other.veth);
  assert.notEqual(one.netns, other.netns);
});

test("a directory that a socket's or a device's name could not carry is refused", () => {
  assert.equal(refuseRunDirectory("/run/foreshadow/web"), undefined);
  for (const path of ["relative", "/with blank", `/${"long".repeat(30)}`]) assert.ok(refuseRunDirectory(path), path);
});

test("host and pool are the two addresses of one /30, within 10.231.0.0/16", () => {
  assert.deepEqual(addressesOf(0), ["10.231.0.1", "10.231.0.2"]);
  assert.deepEqual(addressesOf(256 * 64 - 1), ["10.231.255.253", "10.231.255.254"]);
});
