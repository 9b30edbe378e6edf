import { type Capacity, editCapacity, parseCapacity } from "../../model/capacity.ts";
import type { Catalogue } from "../../model/catalogue.ts";
import type { Changeset } from "../../model/changeset.ts";
import { parseConstraints } from "../../model/constraints.ts";
import { parseProject } from "../../model/project.ts";
import type { UsageVector } from "../../model/vector.ts";
import { MemoryControlStore } from "../../test/change/memory-control-store.ts";
import type { AlertEvent } from "../feedback/alert.ts";
import { createForecaster } from "../forecast/forecaster.ts";
import type { Proposal } from "../orchestrator/change/intent.ts";
import { computedUsage } from "../usage/computed-usage.ts";
import { Engine } from "./engine.ts";
import { LeadTimes } from "./lead-times.ts";

/** Seconds a tick, and ticks of a day that is compressed so that tests are short. */
export const STEP = 60;
export const DAY = 96;
const CAPACITY = `version: 1
web:
  owns: desired
  replicas: { count: 4 }
  perReplica: { cpu: 50 }
`;

/** What was measured in a tick: demand, and the vectors that a host sent last. */
export interface Measured {
  readonly demand: number;
  readonly vectors?: (at: number) => readonly UsageVector[];
}

export function vectorOf(at: number, over: Partial<UsageVector> = {}): UsageVector {
  return {
    workload: "web",
    host: "h",
    at,
    interval: 1,
    replicas: 4,
    usage: {},
    demand: {},
    censored: [],
    missing: [],
    processes: [],
    ...over,
  };
}

/** An engine whose time and measurements are the test's; git, target and Pulumi do what they are told at once. */
export async function feedbackEngine({
  project = "",
  mode = "auto",
  control = new MemoryControlStore(),
  begin = CAPACITY,
  constraints = "version: 1\nforecast: { horizon: 1h, tier: fast }\n",
  catalogue,
  ready,
}: {
  project?: string;
  mode?: string;
  control?: MemoryControlStore;
  /** The capacity file to begin with, and the constraints. */
  begin?: string;
  constraints?: string;
  catalogue?: Catalogue;
  /** Replicas that the target says serve, of a capacity. It says nothing without it. */
  ready?: (capacity: Capacity) => number;
} = {}) {
  let text = begin;
  let commits = 0;
  let tick = 0;
  let vectors: Measured["vectors"];
  const past: number[] = [];
  const alerts: AlertEvent[] = [];
  const proposals: Proposal[] = [];
  const changesets = new Map<string, Changeset>();
  const now = () => tick * STEP;
  const usage = computedUsage(
    ({ begin }) => past[Math.round(begin / STEP)] ?? Number.NaN,
    async () => [...(vectors?.(now()) ?? [vectorOf(now())])],
  );
  const capacity = (): Capacity => parseCapacity(text, "c").get("web")!;
  const engine = new Engine({
    project: parseProject(
      `version: 1\nseason: ${DAY}m\n${project}\nworkloads:\n  - { name: web, select: { cgroup: /web }, stack: { dir: ".", name: dev }, constraints: web.yaml, mode: ${mode}, leadTime: 1m }\n`,
      "foreshadow.yaml",
    ),
    constraints: new Map([["web", parseConstraints(constraints, "web.yaml")]]),
    ...(catalogue && { catalogues: new Map([["web", catalogue]]) }),
    control,
    usage,
    review: {
      head: async () => `c0ffee${commits}`,
      read: async () => text,
      anchor: async () => "c0ffee",
      proposals: async () => [],
      forget: async () => {},
    } as never,
    change: {
      propose: async (proposal) => {
        proposals.push(proposal);
        const { workload, stack, after, reasons } = proposal;
        const id = `cs-${proposals.length}`;
        const at = now();
        const changeset: Changeset = {
          id,
          workload,
          stack,
          state: "applying",
          createdAt: at,
          updatedAt: at,
          revision: 1,
          before: capacity(),
          after,
          reasons,
        };
        changesets.set(id, changeset);
        await control.save(changeset, 0, { at, kind: "decision", body: {} });
        return changeset;
      },
      advance: async (id) => {
        const changeset: Changeset = { ...changesets.get(id)!, state: "done", updatedAt: now(), leadTime: STEP };
        commits++;
        text = editCapacity(text, "c", "web", changeset.after);
        await control.save({ ...changeset, revision: 2 }, 1, { at: now(), kind: "state", body: {} });
        return changeset;
      },
      approve: async (id) => changesets.get(id)!,
      reject: async (id) => changesets.get(id)!,
      rollback: async (id) => changesets.get(id)!,
    },
    status: {
      read: () => ready && { ready: ready(capacity()), warming: 0, warmingPids: [], at: now() },
    },
    leadTimes: new LeadTimes(control, () => STEP),
    createForecaster,
    alertSink: {
      notify: (events) => alerts.push(...events),
      figures: { delivered: 0, failed: 0, dropped: 0, waiting: 0 },
    },
    clock: { now, monotonic: now },
    version: "test",
  });
  await engine.loop.load(new Map());
  return {
    engine,
    control,
    alerts,
    proposals,
    capacity,
    now,
    /** Ticks that nobody evaluates: history. */
    remember(values: Iterable<number>) {
      for (const value of values) {
        past.push(value);
        tick++;
      }
    },
    /** What somebody else has recorded of the first ticks is in the store from now on. */
    reveal(values: readonly number[]) {
      past.splice(0, values.length, ...values);
    },
    async measure({ demand, vectors: sent }: Measured) {
      past.push(demand);
      vectors = sent;
      tick++;
      await engine.loop.tick();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
