import assert from "node:assert/strict";
import { test } from "node:test";
import { InputError } from "../../model/input-error.ts";
import { parseProject } from "../../model/project.ts";
import { terraformVariables } from "../../model/terraform-variables.ts";
import { generatedFiles } from "./generated-files.ts";

const project = (review: string, stacks: readonly string[] = ["{ dir: shop, name: dev }"]) =>
  parseProject(
    `version: 1\n${review}workloads:\n${stacks.map((stack, i) => `  - { name: w${i}, select: { port: 80 }, stack: ${stack}, constraints: c.yaml }\n`).join("")}`,
    "foreshadow.yaml",
  );
const CAPACITY = "version: 1\nw0:\n  owns: floor\n  replicas: { floor: 2, ceiling: 4 }\n  perReplica: { cpu: 1 }\n";

test("nothing is generated unless it is asked for", () => {
  for (const review of ["", "review: { terraform: false }\n"]) {
    const files = generatedFiles(project(review));
    assert.equal(files.paths.size, 0);
    assert.deepEqual(files.with("capacity/dev.yaml", CAPACITY), []);
  }
});

test("variables lie where the stack's program is, or where the project says", () => {
  const text = terraformVariables(CAPACITY, "capacity/dev.yaml");
  for (const [review, path] of [
    ["review: { terraform: true }\n", "shop/capacity.auto.tfvars.json"],
    ["review: { terraform: { dev: ./infra/dev } }\n", "infra/dev/capacity.auto.tfvars.json"],
  ]) {
    const files = generatedFiles(project(review));
    assert.deepEqual([...files.paths], [path]);
    assert.deepEqual(files.with("capacity/dev.yaml", CAPACITY), [{ path, text }]);
    assert.deepEqual(files.with("capacity/other.yaml", CAPACITY), []);
  }
});

test("two stacks in one directory, one that is not there and a directory outside the repository are refused", () => {
  const both = ["{ dir: shop, name: dev }", "{ dir: ./shop, name: live }"];
  assert.throws(() => project("review: { terraform: true }\n", both), /a directory of its own for each stack/);
  assert.doesNotThrow(() => project("review: { terraform: { dev: a, live: b } }\n", both));
  assert.throws(() => project("review: { terraform: { live: a } }\n"), InputError);
  for (const directory of ["/etc", "../other", "a/../../b"])
    assert.throws(() => project(`review: { terraform: { dev: ${directory} } }\n`), /a directory within the repository/);
});
