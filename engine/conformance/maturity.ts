import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { CLOUDS } from "../../stacks/simulated/rehearsal.ts";
import { writeFileAtomically } from "../atomic-file.ts";

/** How far a target has been tried, from least to most: beside a stand-in of ours, an emulator that others wrote, or the cloud itself. */
export const MATURITIES = ["simulated", "emulated", "real"] as const;

const outcome = z.strictObject({
  target: z.enum(CLOUDS),
  maturity: z.enum(MATURITIES),
  /** Epoch seconds. */
  at: z.number(),
  /** What it was tried with: SDK or protocol, and Pulumi. */
  with: z.string().max(200),
  behaviours: z.number().int().min(0),
  /** Those that did not hold, and how. */
  failed: z.array(z.string().max(2000)).max(100),
});
const record = z.strictObject({ version: z.literal(1), outcomes: z.array(outcome).max(100) });

export type Outcome = z.output<typeof outcome>;

const fileOf = (store: string) => join(store, "maturity.json");

/** The newest outcome of each target and maturity. A record that cannot be read counts for nothing. @param store directory */
export function readMaturity(store: string): Outcome[] {
  const file = fileOf(store);
  if (!existsSync(file)) return [];
  try {
    return record.parse(JSON.parse(readFileSync(file, "utf8"))).outcomes;
  } catch {
    return [];
  }
}

/** Keeps an outcome in place of the former one of its target and maturity. */
export function recordOutcome(store: string, news: Outcome): void {
  const others = readMaturity(store).filter(
    ({ target, maturity }) => target !== news.target || maturity !== news.maturity,
  );
  mkdirSync(dirname(fileOf(store)), { recursive: true, mode: 0o700 });
  writeFileAtomically(fileOf(store), `${JSON.stringify({ version: 1, outcomes: [...others, news] }, null, 2)}\n`);
}

/** What a target is known to be: the outcome of the most that all behaviours have held of, else the newest one. */
export function maturityOf(outcomes: readonly Outcome[], target: Outcome["target"]): Outcome | undefined {
  const own = outcomes.filter((one) => one.target === target);
  const rank = ({ maturity, failed }: Outcome) => (failed.length > 0 ? -1 : MATURITIES.indexOf(maturity));
  return own.reduce<Outcome | undefined>(
    (best, one) =>
      best === undefined || rank(one) > rank(best) || (rank(one) === rank(best) && one.at > best.at) ? one : best,
    undefined,
  );
}

/** In one line: `real, 2026-11-24, @pulumi/aws 7.48.0, Pulumi 3.259.0: 7 of 7 behaviours`. */
export function maturityText({ maturity, at, with: tools, behaviours, failed }: Outcome): string {
  const date = new Date(at * 1000).toISOString().slice(0, 10);
  const held = `${behaviours - failed.length} of ${behaviours} behaviours`;
  return `${maturity}, ${date}, ${tools}: ${held}${failed.length === 0 ? "" : `; not ${failed[0]}`}`;
}
