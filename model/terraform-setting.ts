import { posix } from "node:path";
import { z } from "zod";
import { name } from "./schema.ts";

const isWithin = (path: string) => !path.startsWith("/") && posix.normalize(path).split("/")[0] !== "..";

/** Whether the capacity is written as variables of Terraform too: beside each stack's program, or in a directory for each stack. */
export const terraformSetting = z
  .union([
    z.boolean(),
    z.record(name, z.string().min(1).max(4096).refine(isWithin, "a directory within the repository")),
  ])
  .default(false);

/** What a setting has to be beside the stacks of its project; `undefined` where it is. */
export function expectedOfTerraform(
  setting: z.output<typeof terraformSetting>,
  stacks: readonly { readonly name: string; readonly dir: string }[],
): string | undefined {
  const known = new Map(stacks.map(({ name, dir }) => [name, dir]));
  const directories = typeof setting === "object" ? setting : setting ? Object.fromEntries(known) : {};
  const distinct = new Set(Object.values(directories).map(posix.normalize));
  const sound =
    distinct.size === Object.keys(directories).length && Object.keys(directories).every((stack) => known.has(stack));
  return sound ? undefined : "a directory of its own for each stack of the project: { STACK: DIRECTORY }";
}
