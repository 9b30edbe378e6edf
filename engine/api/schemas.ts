import { z } from "zod";
import { CHANGESET_STATES } from "../../model/changeset.ts";
import { WORKLOAD_STATES } from "./fleet.ts";

/** The schemas that have a name, under which the OpenAPI document tells them. */
export const SCHEMAS = z.registry<{ readonly id: string }>();

function named<Schema extends z.ZodType>(id: string, schema: Schema): Schema {
  SCHEMAS.add(schema, { id });
  return schema;
}

const at = z.number().describe("Epoch seconds.");
const numberOrNull = z.number().nullable();
const mode = z.enum(["observe", "review", "auto"]);

export const workloadName = z.string().min(1).max(63);

named(
  "Problem",
  z.looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
  }),
);

export const reason = named("Reason", z.looseObject({ kind: z.string(), text: z.string() }));

export const freeze = named(
  "Freeze",
  z.looseObject({
    workload: z.string(),
    all: z.boolean().describe("Also stops the rescue of present demand."),
    since: at,
    by: z.string(),
    reason: z.string().optional(),
  }),
);

export const pin = named(
  "Pin",
  z.looseObject({
    workload: z.string(),
    min: z.number().int().optional(),
    max: z.number().int().optional(),
    until: at,
    by: z.string(),
  }),
);

export const holds = named("Holds", z.object({ freezes: z.array(freeze), pins: z.array(pin) }));

export const seriesView = named(
  "Series",
  z.looseObject({
    usage: numberOrNull,
    demand: numberOrNull,
    forecast: numberOrNull,
    upper: numberOrNull,
    capacity: numberOrNull,
    model: z.string().nullable(),
    trusted: z.boolean(),
    trustedAt: z.array(z.number()).optional(),
    evidence: z.string(),
    missing: z.string().optional(),
  }),
);

const counts = { asked: z.number(), ready: z.number(), reporting: z.number(), need: z.number(), target: z.number() };

export const workloadState = z.enum(WORKLOAD_STATES);

export const workload = named(
  "Workload",
  z.looseObject({
    name: z.string(),
    mode,
    at: at.nullable(),
    ...counts,
    series: z.record(z.string(), seriesView),
    reasons: z.array(reason),
    short: z.string().optional(),
    changeset: z.string().optional(),
    frozen: freeze.optional(),
    pin: pin.optional(),
    states: z
      .array(workloadState)
      .optional()
      .describe("Told of one workload and in the list of all; not in the status."),
  }),
);

export const fleetRow = named(
  "FleetRow",
  z.object({
    name: z.string(),
    mode,
    stack: z.string(),
    at: at.nullable(),
    ...counts,
    states: z.array(workloadState),
    changeset: z.string().optional(),
    short: z.string().optional(),
  }),
);

export const status = named(
  "Status",
  z.looseObject({
    engine: z.looseObject({
      pid: z.number().int(),
      version: z.string(),
      startedAt: at,
      lastTick: at.nullable(),
      running: z.boolean(),
    }),
    ledger: z.object({ sequence: z.number().int(), hash: z.string() }),
    counts: z.object({
      workloads: z.number().int(),
      ...(Object.fromEntries(WORKLOAD_STATES.map((state) => [state, z.number().int()])) as Record<
        (typeof WORKLOAD_STATES)[number],
        z.ZodNumber
      >),
    }),
    alerts: z.array(z.string()),
    workloads: z.array(workload).optional(),
  }),
);

export const forecast = named(
  "Forecast",
  z.looseObject({
    workload: z.string(),
    step: z.number().describe("Seconds."),
    events: z.array(z.looseObject({ name: z.string(), from: at, to: at })),
    loaded: z.array(z.looseObject({ origin: z.string(), from: at, to: at, at })),
    load: z.array(z.looseObject({ series: z.string(), signal: z.string() })),
    series: z.record(
      z.string(),
      z.looseObject({
        issuedAt: at,
        model: z.string(),
        trusted: z.boolean(),
        evidence: z.string(),
        samples: z.number(),
        skill: numberOrNull,
        coverage: z.record(z.string(), z.number()),
        history: z.array(numberOrNull),
        usage: z.array(numberOrNull),
        points: z.array(z.looseObject({ at, point: z.number(), quantiles: z.record(z.string(), z.number()) })),
      }),
    ),
  }),
);

const capacity = named(
  "Capacity",
  z.looseObject({
    owns: z.enum(["floor", "desired"]),
    replicas: z.looseObject({}),
    plan: z.array(z.object({ at, floor: z.number().int() })),
    perReplica: z.looseObject({}),
    storage: z.looseObject({}),
    network: z.looseObject({}),
  }),
);

const planStep = z.object({ at, floor: z.number().int() });
export const plan = named(
  "Plan",
  z.looseObject({
    workload: z.string(),
    capacity,
    inForce: z.array(planStep),
    proposed: z.array(planStep),
    reasons: z.array(reason),
  }),
);

export const changesetState = z.enum(CHANGESET_STATES);

const propertyChange = z.looseObject({
  urn: z.string(),
  type: z.string(),
  resource: z.string(),
  operation: z.enum(["create", "update", "replace", "delete"]),
  property: z.string(),
});

export const changeset = named(
  "Changeset",
  z.looseObject({
    id: z.string(),
    workload: z.string(),
    stack: z.looseObject({ dir: z.string(), name: z.string() }),
    state: changesetState,
    createdAt: at,
    updatedAt: at,
    revision: z.number().int(),
    before: capacity,
    after: capacity,
    reasons: z.array(reason),
    changes: z.array(propertyChange).optional(),
    policyViolations: z.array(z.string()).optional(),
    reversibility: z.enum(["exact", "compensating", "irreversible"]).optional(),
    requestedBy: z.string().optional(),
    approvedBy: z.string().optional(),
  }),
);

const floorsByHour = z.object({
  until: at,
  hours: z.array(z.object({ from: z.number(), to: z.number(), least: z.number(), greatest: z.number() })),
});

export const envelope = named(
  "EnvelopeProposal",
  z.looseObject({
    id: z.string(),
    stack: z.string(),
    path: z.string(),
    text: z.string(),
    workloads: z.array(z.string()),
    commit: z.string(),
    at,
    changes: z.array(z.object({ workload: z.string(), before: floorsByHour.optional(), after: floorsByHour })),
  }),
);

export const alert = named(
  "Alert",
  z.looseObject({
    id: z.string(),
    workload: z.string(),
    subject: z.string(),
    openedAt: at,
    updatedAt: at,
    resolvedAt: at.optional(),
    multiple: z.number(),
    text: z.string(),
  }),
);

export const quarantine = named(
  "Quarantine",
  z.looseObject({
    id: z.string(),
    workload: z.string(),
    kind: z.string(),
    from: at,
    to: at.optional(),
    reason: z.string(),
    by: z.string(),
  }),
);

export const holdSpan = named(
  "HoldSpan",
  z.object({
    kind: z.enum(["freeze", "pin"]),
    workload: z.string(),
    from: at,
    to: at.optional(),
    by: z.string(),
    min: z.number().int().optional(),
    max: z.number().int().optional(),
    reason: z.string().optional(),
  }),
);

const user = z.object({ name: z.string(), value: z.number(), share: z.number() });
export const users = named(
  "Users",
  z.object({
    workload: z.string(),
    at: at.nullable(),
    series: z.record(
      z.string(),
      z.array(z.object({ ...user.shape, processes: z.number().int(), threads: z.array(user) })),
    ),
  }),
);

export const backfill = named(
  "Backfill",
  z.looseObject({
    id: z.string(),
    state: z.enum(["reading", "learning", "done", "failed"]),
    origin: z.string(),
    from: at,
    to: at,
    step: z.number().describe("Seconds."),
    by: z.string(),
    startedAt: at,
    endedAt: at.optional(),
    read: z.number().describe("The share that is read, 0 to 1."),
    error: z.string().optional(),
    workloads: z.array(
      z.looseObject({
        workload: z.string(),
        ticks: z.record(z.string(), z.number()),
        interval: numberOrNull.describe("Seconds between two samples."),
        learnt: z.array(z.string()),
      }),
    ),
  }),
);

export const report = named(
  "Report",
  z.looseObject({ from: at, to: at, step: z.number(), workloads: z.array(z.looseObject({ workload: z.string() })) }),
);

export const ledgerEntry = named(
  "LedgerEntry",
  z.looseObject({
    sequence: z.number().int(),
    at: at.nullable(),
    kind: z.string(),
    workload: z.string().optional(),
    changeset: z.string().optional(),
    body: z.record(z.string(), z.unknown()),
    previous: z.string(),
    hash: z.string(),
  }),
);

export const verification = named(
  "Verification",
  z.looseObject({
    valid: z.boolean(),
    entries: z.number().int(),
    problems: z.array(z.looseObject({ sequence: z.number().int(), kind: z.string(), text: z.string() })),
    tail: z.enum(["proven", "unproven"]),
    anchoredTo: z.number().int(),
    unproven: z.number().int(),
  }),
);

export const settings = named(
  "Settings",
  z.object({ files: z.array(z.object({ path: z.string(), text: z.string() })) }),
);

export const done = named("Done", z.object({}));

/** A list's page. */
export function pageSchema<Item extends z.ZodType>(id: string, item: Item) {
  return named(
    `${id}Page`,
    z.object({ items: z.array(item), next: z.string().nullable(), total: z.number().int().optional() }),
  );
}
