import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { WORKSPACE } from "./settings.ts";

const FILE = `${WORKSPACE}.pid`;

/**
 * Makes this the only demo of the user. One that was killed is taken over.
 *
 * @throws Error when another one runs
 */
export function claimDemo(): () => void {
  mkdirSync(dirname(FILE), { recursive: true, mode: 0o700 });
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(FILE, `${process.pid} ${startTime(process.pid)}`, { flag: "wx", mode: 0o600 });
      return () => rmSync(FILE, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const [pid, started] = readFileSync(FILE, "utf8").split(" ");
    if (started !== undefined && startTime(Number(pid)) === started)
      throw new Error(`another demo runs (process ${pid}); wait for it, or stop it with Ctrl-C or kill ${pid}`);
    rmSync(FILE, { force: true });
  }
  throw new Error(`${FILE} cannot be taken; remove it if no other demo runs`);
}

/** Clock ticks after boot at which a process started, so that a pid that was given again is not mistaken. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
