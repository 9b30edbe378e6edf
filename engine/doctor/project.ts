import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseCapacity } from "../../model/capacity.ts";
import { connectEngine } from "../api/client.ts";
import { readLedger } from "../ledger-check.ts";
import type { ProjectFiles } from "../project-files.ts";
import { PlainGit } from "../review/plain-git.ts";
import { storeDirectory } from "../store/store-directory.ts";
import { examineDeployedStacks } from "./deployed-stacks.ts";
import type { Finding } from "./finding.ts";
import { examineMaturity } from "./maturity.ts";
import { examineSpace } from "./store-space.ts";

export async function examineProject(files: ProjectFiles): Promise<Finding[]> {
  const { project, file } = files;
  return [
    { what: "project", state: "ok", text: `${project.workloads.length} workloads in ${file}` },
    ...project.workloads.flatMap((workload) => examineStack(files, workload.name, workload.stack)),
    ...(await examineDeployedStacks(files)),
    await repository(files),
    ...examineMaturity(files),
    await engine(files),
    ...(await store(files)),
  ];
}

function examineStack({ root }: ProjectFiles, workload: string, stack: { dir: string; name: string }): Finding[] {
  const what = `stack of ${workload}`;
  const program = ["Pulumi.yaml", "Pulumi.yml"].some((name) => existsSync(join(root, stack.dir, name)));
  const path = resolve(root, "capacity", `${stack.name}.yaml`);
  if (!program)
    return [{ what, state: "failed", text: `expected Pulumi.yaml in ${join(root, stack.dir)}, found none` }];
  if (!existsSync(path))
    return [{ what, state: "failed", text: `expected ${path}, found none; write it with \`foreshadow init\`` }];
  try {
    if (!parseCapacity(readFileSync(path, "utf8"), path).has(workload))
      return [{ what, state: "failed", text: `${path}: expected the workload ${workload}, found none of that name` }];
  } catch (error) {
    return [{ what, state: "failed", text: (error as Error).message }];
  }
  return [{ what, state: "ok", text: path }];
}

/** Desired is what is committed: without a commit the engine sees no capacity at all. */
async function repository({ project, root, store }: ProjectFiles): Promise<Finding> {
  const what = "git repository";
  try {
    const git = new PlainGit({ root, store });
    const head = await git.head();
    for (const name of new Set(project.workloads.map(({ stack }) => stack.name))) {
      const path = `capacity/${name}.yaml`;
      if ((await git.read(head, path)) === undefined)
        return { what, state: "failed", text: `expected ${path} at the branch's commit, found none; commit it` };
    }
    return { what, state: "ok", text: `at commit ${head.slice(0, 12)}` };
  } catch (error) {
    return { what, state: "failed", text: (error as Error).message };
  }
}

async function engine({ store }: ProjectFiles): Promise<Finding> {
  const client = await connectEngine(store);
  if (client === undefined)
    return { what: "engine", state: "degraded", text: "does not run; start it with `foreshadow run`" };
  const { engine: view } = await client.status();
  return { what: "engine", state: "ok", text: `version ${view.version}, process ${view.pid}` };
}

async function store(files: ProjectFiles): Promise<Finding[]> {
  const directory = storeDirectory(files.project.store, files.root);
  if (!existsSync(directory.controlDatabase))
    return [{ what: "store", state: "ok", text: `none yet in ${directory.path}` }];
  const findings: Finding[] = [];
  try {
    findings.push(...(await examineSpace(directory, files.project.agent.interval, Date.now() / 1000)));
    const { valid, entries, tail, problems } = await readLedger(files);
    return [
      ...findings,
      {
        what: "ledger",
        state: valid ? "ok" : "failed",
        text: valid ? `${entries} entries, tail ${tail}` : problems[0].text,
      },
    ];
  } catch (error) {
    return [...findings, { what: "ledger", state: "failed", text: (error as Error).message }];
  }
}
