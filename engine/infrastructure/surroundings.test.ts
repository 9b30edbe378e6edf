import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { absoluteBackend } from "./backend.ts";
import { createDirectory, operationDirectory, prune } from "./operation-directory.ts";
import { isAlive, processesOf, waitForEnd } from "./processes.ts";
import { locatePulumi } from "./pulumi-command.ts";

const bases: string[] = [];
const scratch = () => {
  const base = mkdtempSync(join(tmpdir(), "foreshadow-surroundings-"));
  bases.push(base);
  return base;
};
afterEach(() => {
  for (const base of bases.splice(0)) rmSync(base, { recursive: true, force: true });
});

describe("the backend of a checkout", () => {
  it("in a relative directory is the one of the working tree", () => {
    const base = scratch();
    mkdirSync(join(base, "stacks", "local"), { recursive: true });
    writeFileSync(join(base, "Pulumi.yaml"), "name: demo\nbackend: { url: 'file://./state' }\n");
    const program = join(base, "stacks", "local");
    assert.deepEqual(absoluteBackend({}, program), { PULUMI_BACKEND_URL: `file://${base}/state` });
    assert.deepEqual(absoluteBackend({ PULUMI_BACKEND_URL: "file://../mine" }, program), {
      PULUMI_BACKEND_URL: `file://${base}/stacks/mine`,
    });
  });

  it("elsewhere stays what it is; without one, Pulumi's own choice", () => {
    const base = scratch();
    for (const url of ["s3://bucket", "file:///state", "file://~"])
      assert.deepEqual(absoluteBackend({ PULUMI_BACKEND_URL: url }, base), { PULUMI_BACKEND_URL: url });
    assert.deepEqual(absoluteBackend({}, base), {});
  });
});

describe("the Pulumi command line", () => {
  const binary = (directory: string) => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "pulumi"), "");
    chmodSync(join(directory, "pulumi"), 0o755);
    return join(directory, "pulumi");
  };

  it("is the named one, else the one on PATH, else the newest in the cache", () => {
    const base = scratch();
    binary(join(base, ".cache/foreshadow/pulumi/v3.9.0/bin"));
    const newest = binary(join(base, ".cache/foreshadow/pulumi/v3.259.0/bin"));
    const onPath = binary(join(base, "path"));
    const named = binary(join(base, "named"));
    assert.equal(locatePulumi({ HOME: base, PATH: "/nowhere" }), newest);
    assert.equal(locatePulumi({ HOME: base, PATH: join(base, "path") }), onPath);
    assert.equal(locatePulumi({ HOME: base, PATH: join(base, "path"), FORESHADOW_PULUMI: named }), named);
  });

  it("where there is none, says where was looked", () => {
    assert.throws(
      () => locatePulumi({ HOME: scratch(), PATH: "" }),
      /expected an executable at pulumi on PATH or in \S+\/\.cache\/foreshadow\/pulumi,/,
    );
    assert.throws(() => locatePulumi({ FORESHADOW_PULUMI: "/nowhere/pulumi" }), /at \/nowhere\/pulumi, found none/);
  });
});

describe("the processes of an operation", () => {
  it("are found by their environment, with those that settle it, until they end", async () => {
    const operation = `test-${process.pid}`;
    const start = (value: string) =>
      spawn("sleep", ["60"], { env: { ...process.env, FORESHADOW_OPERATION: value }, stdio: "ignore" });
    const children = [start(operation), start(`${operation}.1`), start(`${operation}1`)];
    try {
      await Promise.all(children.map((child) => new Promise((resolve) => child.once("spawn", resolve))));
      const found = await untilFound(operation, 2);
      assert.deepEqual(new Set(found), new Set(children.slice(0, 2).map(({ pid }) => pid)));
      assert.deepEqual(new Set(await waitForEnd(operation, 0)), new Set(found));
      for (const child of children) child.kill("SIGKILL");
      assert.deepEqual(await waitForEnd(operation, 10), []);
      assert.equal(isAlive(process.pid), true);
    } finally {
      for (const child of children) child.kill("SIGKILL");
    }
  });

  /** A process that has just been started has its parent's environment until it is another program. */
  async function untilFound(operation: string, count: number): Promise<number[]> {
    for (let found = processesOf(operation); ; found = processesOf(operation)) {
      if (found.length >= count) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  it("what operations left is removed after two weeks, not before", () => {
    const store = scratch();
    const { path } = operationDirectory(store, "c1-1");
    createDirectory({ path });
    prune(store, Date.now() + 13 * 86_400_000);
    assert.equal(existsSync(path), true);
    prune(store, Date.now() + 15 * 86_400_000);
    assert.equal(existsSync(path), false);
  });

  it("an identifier that would leave its directory is refused", () => {
    for (const identifier of ["../etc", "a/b", "", ".hidden"])
      assert.throws(() => operationDirectory("/store", identifier), RangeError);
  });
});
