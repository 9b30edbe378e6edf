import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { dirname, join, normalize } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { parseConstraints } from "../model/constraints.ts";
import { parseProject } from "../model/project.ts";
import { DOCUMENTS, fencedBlocks, textOf } from "./documents.ts";

const WORKLOAD = { name: "web", select: { cgroup: "/web" }, stack: { dir: ".", name: "dev" }, constraints: "web.yaml" };

describe("what the documents show in part", () => {
  for (const document of DOCUMENTS)
    for (const { language, body, line } of fencedBlocks(textOf(document)))
      if (language === "yaml" && !/^version: 1$/m.test(body))
        it(`${document}:${line}: a part of a file is one that its schema takes`, () => {
          for (const part of partsOf(body)) assert.equal(problemOf(part), undefined);
        });
      else if (language === "sh")
        it(`${document}:${line}: shell is shell`, () => {
          const { status, stderr } = spawnSync("bash", ["-n"], { input: body, encoding: "utf8" });
          assert.equal(status, 0, stderr);
        });

  it("a key that nothing reads is found", () => {
    assert.match(problemOf("plan: { stepss: 3 }")!, /stepss/);
    assert.equal(problemOf("plan: { steps: 3 }"), undefined);
  });
});

it("every document is found from the index, and that from the README", () => {
  const from = (document: string) =>
    [...textOf(document).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link]) =>
      normalize(join(dirname(document), link)),
    );
  const found = new Set([...from("docs/README.md"), "docs/README.md", "README.md"]);
  assert.deepEqual(
    DOCUMENTS.filter((document) => !found.has(document)),
    [],
  );
  assert.ok(from("README.md").includes("docs/README.md"));
});

/** Lines that are each another way to write one key are parts of their own. */
function partsOf(body: string): string[] {
  const lines = body.split("\n").filter((line) => line !== "");
  const keys = lines.map((line) => /^([a-zA-Z]+):/.exec(line)?.[1]);
  return keys.every((key) => key !== undefined && key === keys[0]) ? lines : [body];
}

/** First keys of files that others read: the settings of a Pulumi stack, Prometheus' own. */
const OF_OTHERS = ["config", "remote_write"];

/** Why neither the project file, one of its workloads nor the constraints take the part, with what it leaves out filled in. */
function problemOf(part: string): string | undefined {
  const given = parse(part) as { readonly workloads?: readonly object[] };
  if (OF_OTHERS.some((key) => key in given)) return undefined;
  const workloads = (given.workloads ?? [{}]).map((one) => ({ ...WORKLOAD, ...one }));
  const problems: string[] = [];
  for (const read of [
    () => parseProject(JSON.stringify({ version: 1, ...given, workloads }), "part"),
    () => parseProject(JSON.stringify({ version: 1, workloads: [{ ...WORKLOAD, ...given }] }), "part"),
    () => parseConstraints(JSON.stringify({ version: 1, ...given }), "part"),
  ])
    try {
      read();
      return undefined;
    } catch (error) {
      problems.push((error as Error).message);
    }
  return problems.join("\n");
}
