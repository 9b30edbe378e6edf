import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { CLOUDS, type Cloud } from "../../stacks/simulated/rehearsal.ts";
import { maturityOf, maturityText, readMaturity } from "../conformance/maturity.ts";
import type { ProjectFiles } from "../project-files.ts";
import type { Finding } from "./finding.ts";

/** How far each cloud has been tried that a stack of the project is on, or that anybody has tried here. */
export function examineMaturity({ project, root, store }: Pick<ProjectFiles, "project" | "root" | "store">): Finding[] {
  const outcomes = readMaturity(store);
  const targets = new Set([
    ...project.workloads.flatMap(({ stack }) => targetOf(join(root, stack.dir, `Pulumi.${stack.name}.yaml`)) ?? []),
    ...outcomes.map(({ target }) => target),
  ]);
  return [...targets].sort().map((target) => {
    const known = maturityOf(outcomes, target);
    const what = `maturity of ${target}`;
    if (known === undefined)
      return { what, state: "degraded", text: `not tried here; \`foreshadow conformance ${target}\` tries it` };
    const held = known.maturity === "real" && known.failed.length === 0;
    return { what, state: held ? "ok" : "degraded", text: maturityText(known) };
  });
}

/** The cloud that a stack's settings name. */
function targetOf(settings: string): Cloud | undefined {
  if (!existsSync(settings)) return undefined;
  try {
    const target = (parse(readFileSync(settings, "utf8")) as { config?: Record<string, unknown> }).config?.[
      "foreshadow:target"
    ];
    return CLOUDS.find((cloud) => target === cloud || target === `${cloud}-capacity`);
  } catch {
    // What is wrong with it, Pulumi tells.
    return undefined;
  }
}
