import { readdirSync, readlinkSync } from "node:fs";

/** A bound on the descriptors looked at in one process. */
const MOST_DESCRIPTORS = 65_536;
const SOCKET = /^socket:\[(\d+)\]$/;

/** Inodes of the sockets that a process holds; none where its descriptors may not be read. */
export function* socketInodes(procRoot: string, pid: number): Generator<string> {
  const directory = `${procRoot}/${pid}/fd`;
  let descriptors: string[];
  try {
    descriptors = readdirSync(directory);
  } catch {
    return;
  }
  for (const descriptor of descriptors.slice(0, MOST_DESCRIPTORS)) {
    let inode: string | undefined;
    try {
      inode = SOCKET.exec(readlinkSync(`${directory}/${descriptor}`))?.[1];
    } catch {
      continue;
    }
    if (inode !== undefined) yield inode;
  }
}
