import { z } from "zod";
import { parseBytes, parseDuration, parsePercent, parsePrice, parseRate, parseUplift } from "./units.ts";

/** A string with a unit that becomes a number. The message is what an error says was expected. */
function unit(parse: (text: string) => number | undefined, expected: string, pattern: string) {
  return z
    .string({ error: () => expected })
    .meta({ description: expected, pattern })
    .transform((text, context) => {
      const value = parse(text);
      if (value !== undefined && Number.isFinite(value)) return value;
      context.addIssue({ code: "custom", message: expected, input: text });
      return z.NEVER;
    });
}

export const bytes = unit(parseBytes, "a size such as 4GiB", "^\\d+(\\.\\d+)?\\s*(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$");
export const rate = unit(parseRate, "a rate such as 250MiB/s or 1Gbit/s", "/s$");
export const duration = unit(parseDuration, "a duration such as 30s, 5m or 24h", "^(\\d+(\\.\\d+)?(ms|[smhdw]))+$");
export const share = unit(parsePercent, "a percentage such as 70%", "^\\d+(\\.\\d+)?\\s*%$").refine(
  (value) => value >= 0,
  "a percentage of at least 0%",
);
export const utilisation = percentage("a percentage above 0% and at most 100%", (value) => value > 0 && value <= 1);
export const violation = percentage("a percentage above 0% and below 50%", (value) => value > 0 && value < 0.5);
export const price = unit(parsePrice, "a price such as 12.50 USD/h", "^\\d+(\\.\\d+)?\\s*USD/h$");

/** A percentage within bounds. What is outside is shown as it was written. */
function percentage(expected: string, fits: (share: number) => boolean) {
  const parse = (text: string) => {
    const value = parsePercent(text);
    return value !== undefined && fits(value) ? value : undefined;
  };
  return unit(parse, expected, "^\\d+(\\.\\d+)?\\s*%$");
}

/** What an event does to demand, as a factor. */
export const uplift = unit(
  parseUplift,
  "an uplift such as 3x, +40% or -20%",
  "^(\\d+(\\.\\d+)?\\s*x|[+-]\\d+(\\.\\d+)?\\s*%)$",
);

/** An instant in UTC, `2026-11-24T08:00Z`, as epoch seconds. */
export const instant = z
  .union([z.string(), z.date()], { error: () => "an instant in UTC such as 2026-11-24T08:00Z" })
  .meta({ description: "an instant in UTC such as 2026-11-24T08:00Z" })
  .transform((value, context) => {
    const parsed = typeof value === "string" ? (/Z$/.test(value) ? Date.parse(value) : Number.NaN) : value.getTime();
    if (Number.isFinite(parsed)) return parsed / 1000;
    context.addIssue({ code: "custom", message: "an instant in UTC such as 2026-11-24T08:00Z", input: value });
    return z.NEVER;
  });

/** Names of workloads and stacks: they become file names, cgroups, branches. */
export const name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "a name of a-z, 0-9 and -, at most 63 characters");

export const version = z.literal(1);
