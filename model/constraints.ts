import { z } from "zod";
import type { Dimension } from "./dimension.ts";
import { parseYaml } from "./document.ts";
import { duration, name, price, share, utilisation, version, violation } from "./schema.ts";

/** A value per dimension, each with the default that the key's absence means. */
const utilisationTargets = z.strictObject({
  cpu: utilisation.prefault("70%"),
  memory: utilisation.prefault("80%"),
  disk: utilisation.prefault("70%"),
  network: utilisation.prefault("70%"),
} satisfies Record<Dimension, unknown>);

const thresholds = z.strictObject({
  cpu: share.prefault("5%"),
  memory: share.prefault("5%"),
  disk: share.prefault("10%"),
  network: share.prefault("10%"),
} satisfies Record<Dimension, unknown>);

const direction = z.enum(["out", "up", "none"]);

const directions = z.strictObject({
  cpu: direction.default("out"),
  memory: direction.default("up"),
  disk: direction.default("up"),
  network: direction.default("out"),
} satisfies Record<Dimension, unknown>);

const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, "a window of the day in UTC such as 22:00-06:00");

/** A named signal that the workload tells of itself, and what it may not exceed: a duration, or a number in the signal's own unit. */
const slo = z
  .strictObject({
    signal: name.optional(),
    promql: z.string().min(1).optional(),
    below: z.union([z.number().positive(), duration], { error: () => "a duration such as 300ms, or a number above 0" }),
  })
  .refine(({ signal, promql }) => (signal === undefined) !== (promql === undefined), "either signal or promql");

const performance = z.strictObject({
  utilisation: utilisationTargets.prefault({}),
  violation: violation.prefault("1%"),
  slo: slo.optional(),
});

const replicas = z
  .strictObject({ min: z.number().int().min(0).default(1), max: z.number().int().min(1).max(1_000_000).default(1000) })
  .refine(({ min, max }) => min <= max, "a min of at most the max");

const availability = z.strictObject({
  replicas: replicas.prefault({}),
  zones: z.number().int().min(1).default(1),
  survive: z.enum(["none", "zone"]).default("none"),
  stateful: z.boolean().default(false),
  /** Cores that a replica may have at most where it grows because there may be no more replicas. */
  perReplica: z.strictObject({ cpu: z.number().positive().max(1_000_000).optional() }).prefault({}),
});

const cost = z.strictObject({
  max: price.optional(),
  onBudget: z.enum(["cap", "alert"]).default("alert"),
  /** Price of one replica, for targets without a catalogue. */
  perReplica: price.optional(),
});

const change = z.strictObject({
  threshold: thresholds.prefault({}),
  cooldown: z
    .strictObject({
      in: duration.prefault("10m"),
      out: duration.prefault("0s"),
      vertical: duration.prefault("1h"),
    })
    .prefault({}),
  step: z.strictObject({ in: share.prefault("10%"), out: share.prefault("100%") }).prefault({}),
  windows: z.array(clock).default([]),
  vertical: z.enum(["review", "auto", "none"]).default("review"),
  irreversible: z.enum(["approve", "auto"]).default("approve"),
});

const forecast = z.strictObject({
  tier: z.enum(["fast", "balanced", "accurate"]).default("balanced"),
  budget: duration.prefault("50ms"),
  horizon: duration.prefault("24h"),
});

/** What holds against everybody: the engine, and with the policy pack a person's own `pulumi up`. */
const limits = z.strictObject({
  /** Instance types that may be used, `*` for any text; all without it. */
  instances: z.array(z.string().min(1).max(100)).max(200).default([]),
  /** Most that a disk grows at once, of what it is. */
  diskGrowth: share.optional(),
  /** Most resources of the workload that one update changes, schedules of a plan apart. */
  changes: z.number().int().min(1).max(1_000_000).optional(),
});

/** `policies/NAME.yaml`: what a person demands of a workload's capacity. Shares are 0 to 1, durations seconds, prices USD per hour. */
export const constraintsFile = z.strictObject({
  version,
  performance: performance.prefault({}),
  scales: directions.prefault({}),
  availability: availability.prefault({}),
  cost: cost.prefault({}),
  limits: limits.prefault({}),
  change: change.prefault({}),
  forecast: forecast.prefault({}),
});

export type Constraints = z.output<typeof constraintsFile>;

/**
 * Reads a constraints file; what it leaves out has the defaults of `docs/formats.md`.
 *
 * @throws InputError with file, line, path and what was expected
 */
export function parseConstraints(text: string, file: string): Constraints {
  return parseYaml(text, file, constraintsFile);
}
