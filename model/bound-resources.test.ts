import assert from "node:assert/strict";
import { test } from "node:test";
import { boundResources, isBound } from "./bound-resources.ts";
import { parseProject } from "./project.ts";

const workload = (name: string, stack: string, resources = "") =>
  `  - { name: ${name}, select: { cgroup: /x }, stack: { dir: ".", name: ${stack} }, constraints: c.yaml${resources} }\n`;

test("a workload's resources are its own list, or all that no other workload of its stack lists", () => {
  const { workloads } = parseProject(
    `version: 1\nworkloads:\n${workload("web", "dev", ', resources: ["web", "web-*"]')}${workload("api", "dev")}${workload("far", "prod", ', resources: ["*"]')}`,
    "foreshadow.yaml",
  );
  const [web, api] = workloads.map((one) => boundResources(workloads, one));
  assert.deepEqual(
    ["web", "web-volume", "website", "api"].map((name) => isBound(web, name)),
    [true, true, false, false],
  );
  assert.deepEqual(
    ["web-volume", "api", "anything"].map((name) => isBound(api, name)),
    [false, true, true],
  );
});

test("only the asterisk is special in a pattern", () => {
  const bound = (pattern: string, name: string) => isBound({ own: [pattern], others: [] }, name);
  assert.deepEqual(
    [bound("a.c", "abc"), bound("a.c", "a.c"), bound("a*c", "a.\nc"), bound("(", "(")],
    [false, true, true, true],
  );
});
