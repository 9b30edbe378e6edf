import { accessSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, getPriority, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { policyGround, policyPacks } from "../engine/infrastructure/policy-packs.ts";
import { PulumiInfrastructure } from "../engine/infrastructure/pulumi-infrastructure.ts";
import { PlainGit } from "../engine/review/plain-git.ts";
import { parseConstraints } from "../model/constraints.ts";
import { parseProject } from "../model/project.ts";
import { openEngine } from "../test/change/engine.ts";
import { createFileWorld, STACK } from "../test/change/file-world.ts";
import { proposalFor } from "../test/change/proposal.ts";
import { replaceSection } from "./doc-section.ts";

/**
 * A change of one property through the engine beside `pulumi up --yes --refresh` of the same change, in turns in one run. What the engine does
 * besides (the way back, the verification, the policy pack) is told apart.
 *
 *   node bench/change-speed.ts [--rounds 5] [--out docs/change-speed.md]
 */
const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" }, out: { type: "string" } } });
const ROUNDS = Number(values.rounds);

const world = await createFileWorld();
// Plain Pulumi has no compile cache unless its user sets one; the engine brings its own.
delete world.env.NODE_COMPILE_CACHE;
const niceness = getPriority();
const { manager, store } = openEngine(world, { infrastructure: { niceness } });
const review = new PlainGit({ root: world.root, store: world.store });
const file = join(world.root, "capacity", "dev.yaml");
const rows: Record<string, number>[] = [];
const loads: number[] = [];
let replicas = 2;

try {
  // All begin with warm files.
  await plainUp();
  await engineUp();
  await policyCost(0);
  for (let round = 1; round <= ROUNDS; round++) {
    loads.push(loadavg()[0]);
    rows.push({ plain: await plainUp(), ...(await engineUp()), policy: await policyCost(round) });
  }
} finally {
  store.close();
  world.remove();
}

const sorted = (key: string) => rows.map((row) => row[key]).sort((a, b) => a - b);
const seconds = (key: string) => {
  const all = sorted(key);
  const [low, middle, high] = [all[0], all[Math.floor(all.length / 2)], all.at(-1)!].map((value) => value.toFixed(2));
  return `${middle} (${low}–${high})`;
};
const ratios = rows.map((row) => row.previewAndUp / row.plain).sort((a, b) => a - b);
const table = [
  "| what | seconds: median (least–most) |",
  "| --- | --- |",
  `| \`pulumi up --yes --refresh\` | ${seconds("plain")} |`,
  `| the engine's preview with refresh, push and \`up\` with refresh | ${seconds("previewAndUp")} |`,
  `| – the preview | ${seconds("preview")} |`,
  `| – the push to the branch | ${seconds("push")} |`,
  `| – the \`up\` | ${seconds("up")} |`,
  `| besides: the way back, rehearsed in a scratch backend | ${seconds("rehearseReverse")} |`,
  `| besides: the verification against the world | ${seconds("verify")} |`,
  `| besides, opt-in: the policy pack | ${seconds("policy")} |`,
  "",
  `Ratio of the second row to the first, by round: ${ratios.map((ratio) => ratio.toFixed(2)).join(", ")}; median ${ratios[Math.floor(ratios.length / 2)].toFixed(2)}. ` +
    `${ROUNDS} rounds in turns on ${availableParallelism()} cores (${cpus()[0].model.trim()}); load of the machine before each round ${loads.map((load) => load.toFixed(1)).join(", ")}.`,
].join("\n");
console.log(table);
if (values.out !== undefined) {
  // A document that was named has to be there.
  accessSync(values.out);
  replaceSection(values.out, "bench/change-speed.ts", table);
}

async function plainUp(): Promise<number> {
  writeFileSync(
    file,
    world.git("show", "main:capacity/dev.yaml").replace(`count: ${replicas}`, `count: ${replicas + 1}`),
  );
  replicas++;
  const started = performance.now();
  await world.pulumi("up", "--yes", "--refresh");
  const seconds = (performance.now() - started) / 1000;
  world.git("-c", "user.name=B", "-c", "user.email=b@localhost", "commit", "--quiet", "--all", "-m", "by hand");
  return seconds;
}

async function engineUp(): Promise<Record<string, number>> {
  replicas++;
  const started = performance.now();
  const done = await manager.advance((await manager.propose(proposalFor(replicas))).id);
  const total = (performance.now() - started) / 1000;
  if (done.state !== "done") throw new Error(`${done.state}: ${done.failure?.message}`);
  const { preview, previewBefore = 0, rehearseReverse, push, up, verify } = done.timings!;
  const previewAndUp = total - previewBefore - rehearseReverse - verify;
  return { previewAndUp, preview, push, up, rehearseReverse, verify };
}

/** What the pack adds to a preview: one with it beside one without, of the same commit in one process. */
async function policyCost(round: number): Promise<number> {
  const project = parseProject(
    'version: 1\npolicy: { packs: [foreshadow] }\nworkloads:\n  - { name: web, select: { cgroup: /x }, stack: { dir: ".", name: dev }, constraints: web.yaml }\n',
    "foreshadow.yaml",
  );
  const constraints = new Map([["web", parseConstraints("version: 1\n", "web.yaml")]]);
  const files = { project, constraints, catalogues: new Map() };
  const infrastructure = new PulumiInfrastructure({
    root: world.root,
    store: world.store,
    env: world.env,
    niceness,
    policy: {
      packs: policyPacks(project, world.root, "foreshadow.yaml"),
      ground: (workload) => policyGround(files, workload),
    },
  });
  const operation = await infrastructure.begin(`policy-${round}`, STACK);
  try {
    const checkout = await review.checkout(await review.head(), "policy");
    const without = (await operation.preview(checkout)).seconds;
    return (await operation.preview(checkout, { policiesFor: "web" })).seconds - without;
  } finally {
    await operation.end();
  }
}
