import { copyFileSync, existsSync, lstatSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { StackReference } from "../../model/changeset.ts";
import { InfrastructureError } from "../orchestrator/change/infrastructure.port.ts";
import { findProject } from "./backend.ts";

/**
 * Gives a checkout what a program needs beside its commit: the installed packages, and the stack's settings where they are not in git
 * (`pulumi stack init` with a passphrase writes them, and a working tree may ignore them).
 *
 * @returns the directory of the stack's program in the checkout
 */
export function prepareCheckout(checkout: string, root: string, stack: StackReference): string {
  const workDir = join(checkout, stack.dir);
  if (!existsSync(workDir))
    throw new InfrastructureError("program", `${stack.dir}: expected the stack's directory in the commit, found none`);
  link(join(root, "node_modules"), join(checkout, "node_modules"));
  if (stack.dir !== "." && stack.dir !== "") link(join(root, stack.dir, "node_modules"), join(workDir, "node_modules"));
  const project = findProject(join(root, stack.dir));
  if (project !== undefined) {
    const name = `Pulumi.${stack.name}.yaml`;
    const target = join(checkout, relative(root, dirname(project)), name);
    const source = join(dirname(project), name);
    if (!existsSync(target) && existsSync(source) && existsSync(dirname(target))) copyFileSync(source, target);
  }
  return workDir;
}

function link(source: string, target: string): void {
  if (!existsSync(source) || lstatSync(target, { throwIfNoEntry: false }) !== undefined) return;
  symlinkSync(source, target, "dir");
}
