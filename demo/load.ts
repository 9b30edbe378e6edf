import { createInterface } from "node:readline";
import { siblingModule } from "../model/sibling.ts";
import type { LoadReport } from "./load-generator.ts";
import { startProcess } from "./processes.ts";

export interface Load {
  /** The last report. */
  last(): LoadReport | undefined;
  stop(): void;
}

/** Starts the load generator on a plan. It ends with this process, however that ends. */
export function startLoad(
  plan: { url: string; from: number; step: number; rates: readonly number[] },
  report: (report: LoadReport) => void,
): Load {
  const child = startProcess("load", [siblingModule(import.meta.url, "./load-generator")], "piped");
  let last: LoadReport | undefined;
  child.stdin?.write(`${JSON.stringify(plan)}\n`);
  createInterface({ input: child.stdout! }).on("line", (line) => {
    last = JSON.parse(line) as LoadReport;
    report(last);
  });
  return { last: () => last, stop: () => child.kill("SIGTERM") };
}
