import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../bin/foreshadow.cjs", import.meta.url));
const place = mkdtempSync(join(tmpdir(), "foreshadow-completion-"));
after(() => rmSync(place, { recursive: true, force: true }));

function script(shell: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, "completion", shell], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** Whether the shell is there. */
function has(shell: string): boolean {
  return spawnSync(shell, ["-c", "exit 0"]).status === 0;
}

before(() => writeFileSync(join(place, "bash"), script("bash")));

/** What a real bash proposes for a line whose last word is begun. */
function proposed(...line: string[]): string[] {
  const words = ["foreshadow", ...line].map((word) => `'${word}'`).join(" ");
  const code = `source ${join(place, "bash")}
compopt() { echo default; }
COMP_WORDS=(${words}); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
_foreshadow
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-eu", "-c", code], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.equal(stderr, "");
  return stdout.split("\n").filter((word) => word !== "");
}

test("a real bash completes commands, those below them, and options", { skip: !has("bash") }, () => {
  assert.deepEqual(proposed("re"), ["reject", "replay", "rehearse", "report", "restore"]);
  assert.deepEqual(proposed("ledger", ""), ["verify"]);
  assert.deepEqual(proposed("report", "--s"), ["--since", "--step", "--start-delay"]);
  assert.deepEqual(proposed("--project", "x.yaml", "report", "--prom"), ["--prometheus"]);
  assert.ok(proposed("quarantine", "add", "--").includes("--json"));
});

test("it completes files where a value or an argument stands", { skip: !has("bash") }, () => {
  assert.deepEqual(proposed("--project", ""), ["default"]);
  assert.deepEqual(proposed("report", "--csv", "a"), ["default"]);
  assert.deepEqual(proposed("init", ""), ["default"]);
});

test("zsh and fish read theirs", () => {
  for (const shell of ["zsh", "fish"]) {
    const text = script(shell);
    assert.match(text, /report/);
    if (!has(shell)) continue;
    const file = join(place, shell);
    writeFileSync(file, text);
    const { status, stderr } = spawnSync(shell, ["-n", file], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  }
});

test("another shell is told which there are", () => {
  const { status, stderr } = spawnSync(process.execPath, [BIN, "completion", "tcsh"], { encoding: "utf8" });
  assert.equal(status, 2);
  assert.match(stderr, /bash, zsh, fish/);
});
