import { parseArgs } from "node:util";
import { InputError } from "../model/input-error.ts";

export interface DemoOptions {
  /** Trace to play instead of the generated pattern. */
  readonly trace?: string;
  readonly json: boolean;
  /** Leave everything running at the end. */
  readonly keep: boolean;
  readonly seed: number;
}

export const USAGE = `npm run demo -- [--trace FILE.csv] [--keep] [--json] [--seed N]

Runs the main job on this host, in at most 6 minutes: real worker processes behind one port, real requests along a
daily pattern compressed in time, the agent, the engine in auto mode, real Pulumi diffs. At the end it rolls one action
back, verifies the ledger, compares with reactive-only scaling, and removes everything.

  --trace FILE   play the days of a recorded trace (CSV: timestamp and requests or cpu) instead of the generated pattern
  --keep         leave it running; a later \`npm run demo\` removes it
  --json         print the summary as one JSON object, progress on standard error
  --seed N       seed of the generated noise (default 1)`;

/** @throws InputError on an unknown or wrong option */
export function parseOptions(args: readonly string[]): DemoOptions | "help" {
  const options = {
    trace: { type: "string" },
    json: { type: "boolean" },
    keep: { type: "boolean" },
    seed: { type: "string" },
    help: { type: "boolean", short: "h" },
  } as const;
  let values: { trace?: string; json?: boolean; keep?: boolean; seed?: string; help?: boolean };
  try {
    ({ values } = parseArgs({ args: [...args], options, strict: true }));
  } catch (error) {
    throw new InputError("npm run demo", [
      { path: "", expected: "--trace, --keep, --json or --seed", found: (error as Error).message },
    ]);
  }
  if (values.help) return "help";
  const seed = Number(values.seed ?? 1);
  if (!Number.isInteger(seed) || seed < 0)
    throw new InputError("--seed", [{ path: "", expected: "a whole number", found: values.seed ?? "" }]);
  return { trace: values.trace, json: values.json === true, keep: values.keep === true, seed };
}
