import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Digits } from "./digits.ts";
import { type DescriptorBudget, isGone, KernelFile } from "./kernel-file.ts";

/** A bound on what is walked: more cgroups below one workload are no workload. */
const MOST_CGROUPS = 10_000;

interface Node {
  readonly file: KernelFile;
  readonly directory: string;
  links: number;
  children: Node[];
}

const digits = new Digits();

/** The processes of a cgroup and of all below it, read again each tick. New cgroups show in the directory's link count. */
export class CgroupProcesses {
  readonly #budget: DescriptorBudget;
  readonly #root: Node;
  #count = 1;
  /** Direct children that hold a process, themselves or below; of the last read. */
  occupiedChildren = 0;
  /** Cgroups whose processes could not be read; of the last read. */
  unreadable = 0;

  constructor(directory: string, budget: DescriptorBudget) {
    this.#budget = budget;
    this.#root = this.#node(directory);
  }

  /** Pids in the cgroup and below; undefined when the cgroup is no more. */
  read(buffer: Buffer): number[] | undefined {
    this.unreadable = 0;
    this.occupiedChildren = 0;
    const pids: number[] = [];
    if (!this.#own(this.#root, buffer, pids)) return undefined;
    for (const child of this.#children(this.#root)) {
      const before = pids.length;
      this.#collect(child, buffer, pids);
      if (pids.length > before) this.occupiedChildren++;
    }
    return pids;
  }

  #collect(node: Node, buffer: Buffer, pids: number[]): void {
    if (!this.#own(node, buffer, pids)) return;
    for (const child of this.#children(node)) this.#collect(child, buffer, pids);
  }

  #own(node: Node, buffer: Buffer, pids: number[]): boolean {
    const length = node.file.read(buffer, true);
    if (length < 0) {
      if (isGone(node.file.error)) return false;
      this.unreadable++;
      return true;
    }
    digits.over(buffer, 0, length);
    for (let pid = digits.next(); !Number.isNaN(pid); pid = digits.next()) if (pid > 0) pids.push(pid);
    return true;
  }

  /** Lists the directory again when its number of links changed, or where the file system does not count them. */
  #children(node: Node): readonly Node[] {
    try {
      const links = statSync(node.directory).nlink;
      if (links === node.links && links >= 2) return node.children;
      const names = readdirSync(node.directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
      const known = new Map(node.children.map((child) => [child.directory, child]));
      const next: Node[] = [];
      for (const { name } of names) {
        const directory = join(node.directory, name);
        const child = known.get(directory) ?? (this.#count < MOST_CGROUPS ? this.#node(directory) : undefined);
        if (child === undefined) continue;
        if (!known.delete(directory)) this.#count++;
        next.push(child);
      }
      for (const child of known.values()) this.#close(child);
      node.children = next;
      node.links = links;
    } catch {
      for (const child of node.children) this.#close(child);
      node.children = [];
      node.links = 0;
    }
    return node.children;
  }

  #node(directory: string): Node {
    return {
      file: new KernelFile(join(directory, "cgroup.procs"), this.#budget),
      directory,
      links: 0,
      children: [],
    };
  }

  #close(node: Node): void {
    node.file.close();
    if (node !== this.#root) this.#count--;
    for (const child of node.children) this.#close(child);
    node.children = [];
    node.links = 0;
  }

  close(): void {
    this.#close(this.#root);
  }
}
