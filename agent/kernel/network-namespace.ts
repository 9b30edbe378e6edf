import { readlinkSync } from "node:fs";

/** The network namespace of a process as the kernel names it, `net:[4026531840]`; undefined when it may not be read. */
export function networkNamespace(procRoot: string, pid: number | "self"): string | undefined {
  try {
    return readlinkSync(`${procRoot}/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

/** The host's own: that of process 1, or, where that may not be read, the agent's. */
export function hostNetworkNamespace(procRoot: string): string | undefined {
  return networkNamespace(procRoot, 1) ?? networkNamespace(procRoot, "self");
}
