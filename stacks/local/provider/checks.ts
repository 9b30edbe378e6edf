import type { CheckFailure } from "@pulumi/pulumi/provider/index.js";
import { refuseRunDirectory } from "../world/run-directory.ts";
import type { Properties } from "./handler.ts";

/** What Pulumi passes for a value that is only known after another resource's creation. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** cgroup and socket names are made of it. */
const POOL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

type Rule = (value: unknown) => string | undefined;

/** Applies a rule to each property; `undefined` from a rule is approval. Null and absent are the same. */
export function failuresOf(inputs: Properties, rules: Record<string, Rule>): CheckFailure[] {
  const failures: CheckFailure[] = [];
  for (const property of Object.keys(inputs))
    if (!(property in rules) && !property.startsWith("__"))
      failures.push({ property, reason: `no such property; expected ${Object.keys(rules).join(", ")}` });
  for (const [property, rule] of Object.entries(rules)) {
    const value = inputs[property];
    const reason = value === UNKNOWN ? undefined : rule(value);
    if (reason !== undefined) failures.push({ property, reason });
  }
  return failures;
}

export const poolName: Rule = (value) =>
  typeof value === "string" && POOL.test(value) ? undefined : expected("a name of a-z, 0-9 and -", value);

export const runDirectory: Rule = (value) =>
  typeof value === "string" ? refuseRunDirectory(value) : expected("the pool's run directory", value);

export function number(least: number, most: number, unit: string): Rule {
  return (value) =>
    typeof value === "number" && value >= least && value <= most
      ? undefined
      : expected(`${least} to ${most} ${unit}`, value);
}

export function integer(least: number, most: number, unit: string): Rule {
  return (value) =>
    Number.isInteger(value) ? number(least, most, unit)(value) : expected(`a whole number of ${unit}`, value);
}

export function optional(rule: Rule): Rule {
  return (value) => (value === undefined || value === null ? undefined : rule(value));
}

export function oneOf(...values: readonly string[]): Rule {
  return (value) => (values.includes(value as string) ? undefined : expected(values.join(" or "), value));
}

export const plan =
  (most: number): Rule =>
  (value) => {
    if (!Array.isArray(value)) return expected("a list of { at, floor }", value);
    let before = Number.NEGATIVE_INFINITY;
    for (const step of value as { at?: unknown; floor?: unknown }[]) {
      if (typeof step?.at !== "number" || step.at <= before)
        return expected("steps with ascending `at` in epoch seconds", value);
      const wrong = integer(0, most, "workers")(step.floor);
      if (wrong) return wrong;
      before = step.at;
    }
    return undefined;
  };

export function expected(what: string, found: unknown): string {
  return `expected ${what}, found ${found === undefined ? "nothing" : JSON.stringify(found)}`;
}

/** The kernel counts in whole bytes: a fraction would come back without it, as a change that nobody made. */
export function whole(value: unknown): unknown {
  return typeof value === "number" ? Math.round(value) : value;
}

/** Without properties that have no value: the wire has none for undefined, and null would show as a difference. */
export function present(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined && value !== null));
}
