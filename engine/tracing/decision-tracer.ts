import { randomBytes } from "node:crypto";
import type { Changeset } from "../../model/changeset.ts";
import { ATTRIBUTE } from "../../model/otlp/names.ts";
import type { Clock } from "../clock.port.ts";
import type { DecisionTrace, TracedDecision } from "../loop/decision-trace.port.ts";
import type { ProgressMessage } from "../orchestrator/change/progress.port.ts";
import { isFinal } from "../orchestrator/change/transitions.ts";
import type { SpanSink } from "./span.port.ts";
import { spanIdOf, traceIdOf } from "./trace-ids.ts";

/** Changesets of which more is known than of others: those that are open, and the last that were. */
const MOST_KNOWN = 1000;

interface Known {
  readonly events: { readonly at: number; readonly name: string }[];
  ended: boolean;
}

/**
 * Tells one decision that acts as a trace: the `decision` from the sample that it saw to its proposal, and the `change` that came of it, with a span for each
 * step that was taken. Decisions that change nothing have no trace.
 */
export class DecisionTracer implements DecisionTrace {
  readonly #sink: SpanSink;
  readonly #clock: Clock;
  readonly #newSpanId: () => string;
  readonly #known = new Map<string, Known>();

  constructor(sink: SpanSink, clock: Clock, newSpanId = () => randomBytes(8).toString("hex")) {
    this.#sink = sink;
    this.#clock = clock;
    this.#newSpanId = newSpanId;
  }

  decided({ changeset, sampledAt, tick, phases }: TracedDecision): void {
    const [first, last] = [phases[0], phases.at(-1)];
    if (first === undefined || last === undefined) return;
    const trace = { traceId: traceIdOf(changeset.id) };
    const root = spanIdOf(changeset.id, "decision");
    const common = { [ATTRIBUTE.changeset]: changeset.id, [ATTRIBUTE.workload]: changeset.workload };
    const seen =
      sampledAt === undefined || sampledAt > first.from ? [] : [{ name: "sample", from: sampledAt, to: first.from }];
    const children = [...seen, ...phases];
    const attributes = { ...common, [ATTRIBUTE.digest]: changeset.evidence?.inputDigest, [ATTRIBUTE.tick]: tick };
    const outcome = { ok: true };
    this.#sink.take({
      ...trace,
      spanId: root,
      name: "decision",
      from: children[0].from,
      to: last.to,
      attributes,
      outcome,
    });
    for (const { name, from, to } of children)
      this.#sink.take({ ...trace, spanId: this.#newSpanId(), parent: root, name, from, to, attributes: common });
  }

  /** Takes what change tells of its progress. */
  heard(message: ProgressMessage): void {
    const at = this.#clock.now();
    if (message.code === "changeset-state") this.#of(message.changeset).events.push({ at, name: message.to });
    if (message.code !== "step" || message.seconds === undefined) return;
    const { changeset, step, seconds, failed } = message;
    this.#sink.take({
      traceId: traceIdOf(changeset),
      spanId: this.#newSpanId(),
      parent: spanIdOf(changeset, "change"),
      name: step,
      from: at - seconds,
      to: at,
      attributes: { [ATTRIBUTE.changeset]: changeset },
      outcome: { ok: failed !== true },
    });
  }

  /** Takes a changeset as it has been recorded; at its end it is told. */
  moved(changeset: Changeset): void {
    const { id, workload, stack, state, evidence, failure } = changeset;
    if (!isFinal(state)) return;
    const known = this.#of(id);
    if (known.ended) return;
    known.ended = true;
    this.#sink.take({
      traceId: traceIdOf(id),
      spanId: spanIdOf(id, "change"),
      // What a person asked for has no decision before it.
      ...(evidence === undefined ? {} : { parent: spanIdOf(id, "decision") }),
      name: "change",
      from: changeset.createdAt,
      to: changeset.updatedAt,
      attributes: {
        [ATTRIBUTE.changeset]: id,
        [ATTRIBUTE.workload]: workload,
        [ATTRIBUTE.stack]: `${stack.dir}/${stack.name}`,
        [ATTRIBUTE.state]: state,
        [ATTRIBUTE.digest]: evidence?.inputDigest,
        [ATTRIBUTE.previewDigest]: changeset.previewDigest,
        [ATTRIBUTE.commit]: changeset.commit,
        [ATTRIBUTE.leadTime]: changeset.leadTime,
      },
      events: known.events,
      outcome:
        state === "done"
          ? { ok: true }
          : { ok: false, message: failure ? `${failure.step}: ${failure.message}` : state },
    });
  }

  #of(changeset: string): Known {
    const known = this.#known.get(changeset) ?? { events: [], ended: false };
    this.#known.delete(changeset);
    this.#known.set(changeset, known);
    if (this.#known.size > MOST_KNOWN) this.#known.delete(this.#known.keys().next().value!);
    return known;
  }
}
