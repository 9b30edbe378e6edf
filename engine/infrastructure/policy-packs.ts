import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { boundResources } from "../../model/bound-resources.ts";
import type { Catalogue } from "../../model/catalogue.ts";
import { InputError } from "../../model/input-error.ts";
import type { PolicyGround, Prices } from "../../model/policy-subject.ts";
import type { Project } from "../../model/project.ts";
import { offers } from "../orchestrator/catalogue/types-for.ts";
import type { ProjectFiles } from "../project-files.ts";

/** The pack that comes with this package. It needs `@pulumi/policy`, which is not installed with it. */
const OWN = "foreshadow";

/**
 * The policy packs that a project asks for, as Pulumi's `--policy-pack` takes them.
 *
 * @param root directory of the project file
 * @throws InputError when one is not there, or what it needs is not installed
 */
export function policyPacks({ policy }: Project, root: string, file: string): string[] {
  return policy.packs.map((pack, index) => {
    const path = `policy.packs.${index}`;
    if (pack !== OWN) {
      const place = resolve(root, pack);
      if (existsSync(place)) return place;
      throw new InputError(file, [{ path, expected: "a policy pack's executable or directory", found: place }]);
    }
    try {
      import.meta.resolve("@pulumi/policy");
    } catch {
      const expected = "@pulumi/policy to be installed for the pack foreshadow (npm install @pulumi/policy)";
      throw new InputError(file, [{ path, expected, found: "no such package" }]);
    }
    return fileURLToPath(new URL("../../policies/pack/pulumi-policy-foreshadow", import.meta.url));
  });
}

/** What a change of a workload's capacity is judged by. @throws RangeError when there is no such workload */
export function policyGround(
  {
    project: { workloads, policy },
    constraints,
    catalogues,
  }: Pick<ProjectFiles, "project" | "constraints" | "catalogues">,
  workload: string,
): PolicyGround {
  const own = workloads.find(({ name }) => name === workload);
  const limits = constraints.get(workload);
  if (own === undefined || limits === undefined)
    throw new RangeError(`policy: expected a workload of the project, found ${workload}`);
  return {
    workload,
    replicas: limits.availability.replicas,
    bound: boundResources(workloads, own),
    limits: limits.limits,
    ...(limits.cost.onBudget === "cap" && limits.cost.max !== undefined && { budget: limits.cost.max }),
    prices: pricesOf(catalogues.get(workload), limits.cost.perReplica),
    requiredTags: policy.requiredTags,
  };
}

function pricesOf(catalogue: Catalogue | undefined, replica: number | undefined): Prices {
  const types = catalogue === undefined ? [] : offers(catalogue);
  return {
    types: Object.fromEntries(types.map(({ name, type }) => [name, type.pricePerHour])),
    ...(replica !== undefined && { replica }),
    ...(catalogue?.disk !== undefined && { diskGib: catalogue.disk.gib }),
  };
}
