import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { table } from "./output.ts";

const COLOUR = new URL("./colour.ts", import.meta.url).href;
const RED = "\u001b[31mfailed\u001b[39m";

function painted(env: Record<string, string>): string {
  const program = `process.stdout.write((await import(${JSON.stringify(COLOUR)})).paintState("failed"))`;
  const { NO_COLOR: _, FORCE_COLOR: __, ...others } = process.env;
  return execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    env: { ...others, ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}

test("a pipe has no colours unless they are asked for, and NO_COLOR is heeded", () => {
  assert.equal(painted({}), "failed");
  assert.equal(painted({ FORCE_COLOR: "1" }), RED);
  assert.equal(painted({ NO_COLOR: "1" }), "failed");
});

test("columns stand under each other whatever colour their cells have", () => {
  const lines = table([
    [RED, "x"],
    ["longer text", "y"],
  ]).map(stripVTControlCharacters);
  assert.deepEqual(
    lines.map((line) => line.search(/[xy]$/)),
    [13, 13],
  );
});
