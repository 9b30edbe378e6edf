import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { loadProject } from "../engine/project-files.ts";
import { parseCapacity } from "../model/capacity.ts";
import { findProgram } from "./find-program.ts";
import { projectTemplates } from "./project-templates.ts";

const BIN = fileURLToPath(new URL("../bin/foreshadow.cjs", import.meta.url));

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "foreshadow-init-"));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

function init(...args: string[]) {
  // Without a terminal: it must not wait for anybody.
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, "init", ...args], {
    cwd: place,
    encoding: "utf8",
    input: "",
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

const read = (path: string) => readFileSync(join(place, path), "utf8");

test("a program and its only stack are found, in the directory or directly below", () => {
  assert.equal(findProgram(place), undefined);
  mkdirSync(join(place, "infra"));
  writeFileSync(join(place, "infra", "Pulumi.yaml"), "name: shop\nruntime: { name: go }\n");
  writeFileSync(join(place, "infra", "Pulumi.prod.yaml"), "config: {}\n");
  writeFileSync(join(place, "infra", "Pulumi.Not a name.yaml"), "");
  assert.deepEqual(findProgram(place), { dir: "infra", about: "the Pulumi program shop, go", stacks: ["prod"] });
  writeFileSync(join(place, "Pulumi.yaml"), "name: [broken");
  assert.deepEqual(findProgram(place), { dir: ".", about: "the Pulumi program there, unknown", stacks: [] });
});

test("in a script it asks nothing, writes a sound project in observe, and keeps what is there", () => {
  writeFileSync(join(place, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  writeFileSync(join(place, "Pulumi.prod.yaml"), "");
  mkdirSync(join(place, "policies"));
  writeFileSync(join(place, "policies", "shop.yaml"), "version: 1 # mine\n");
  const { status, stdout } = init("--workload", "shop", "--cgroup", "/system.slice/shop.service");
  assert.equal(status, 0);
  assert.match(stdout, /wrote foreshadow\.yaml\nwrote capacity\/prod\.yaml\nkept {2}policies\/shop\.yaml/);
  assert.equal(read("policies/shop.yaml"), "version: 1 # mine\n");
  const { project } = loadProject(join(place, "foreshadow.yaml"));
  const [{ name, select, stack, mode }] = project.workloads;
  assert.deepEqual(
    [name, select, stack, mode],
    ["shop", { cgroup: "/system.slice/shop.service" }, { dir: ".", name: "prod" }, "observe"],
  );
  const before = read("foreshadow.yaml");
  const again = init("--workload", "other");
  assert.match(again.stdout, /kept {2}foreshadow\.yaml/);
  assert.equal(read("foreshadow.yaml"), before);
});

test("what is found on the host is a sound project too, whatever it is", () => {
  const { status, stderr } = init("--yes", "--json");
  assert.equal(status, 0, stderr);
  const { project } = loadProject(join(place, "foreshadow.yaml"));
  assert.ok(project.workloads.length >= 1);
  assert.ok(project.workloads.every(({ mode }) => mode === "observe"));
  assert.deepEqual(
    [...parseCapacity(read("capacity/dev.yaml"), "x").keys()],
    project.workloads.map(({ name }) => name),
  );
});

test("a server that does not answer, and a token that would be readable, are told", () => {
  const away = init("--prometheus", "http://127.0.0.1:9", "--yes");
  assert.equal(away.status, 1);
  assert.match(away.stderr, /http:\/\/127\.0\.0\.1:9: .*ECONNREFUSED/);
  const readable = init("--prometheus", "http://prometheus.example", "--token-env", "TOKEN");
  assert.equal(readable.status, 2);
  assert.match(readable.stderr, /--prometheus: token: expected an address of https/);
});

test("whatever a label holds, the files say it", () => {
  const labels = { namespace: "a: b", pod: '"x"-*', job: "yes", "k8s.pod.name": "# no comment", n: "1" };
  const files = projectTemplates({
    workloads: [
      { name: "web", select: { labels }, about: "two\nlines", capacity: { count: 3, cpu: 0.5, memory: 2 ** 30 } },
    ],
    stack: "dev",
    dir: "in fra",
    prometheus: { url: "https://p.example", token: { file: "/etc/token" } },
  });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(place, path, ".."), { recursive: true });
    writeFileSync(join(place, path), text);
  }
  const { project } = loadProject(join(place, "foreshadow.yaml"));
  assert.deepEqual(project.workloads[0].select.labels, labels);
  assert.deepEqual(project.workloads[0].stack, { dir: "in fra", name: "dev" });
  assert.deepEqual(project.prometheus?.token, { file: "/etc/token" });
  const { replicas, perReplica } = parseCapacity(files["capacity/dev.yaml"], "x").get("web")!;
  assert.deepEqual([replicas, perReplica], [{ count: 3 }, { cpu: 0.5, memory: 2 ** 30 }]);
});
