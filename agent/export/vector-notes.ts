import {
  ATTRIBUTE,
  DEGRADED,
  ENDED,
  HELD_BACK_GAUGE,
  MISSING,
  SOURCE,
  WARMING_CPU,
  WARMING_REPLICAS,
} from "../../model/otlp/names.ts";
import type { UsageVector } from "../../model/vector.ts";
import type { MessageParts } from "./message-parts.ts";
import { type Attributes, MetricWriter, pointAttributes } from "./metric-writer.ts";

/** Bounds what reasons that change would add up to. */
const MOST_CACHED = 1000;

/** Encodes what a vector tells beside its measures: what held the workload back, what warms up, where figures come from, what is missing. */
export class VectorNotes {
  readonly #own: Buffer;
  readonly #encoded = new Map<string, Buffer>();
  readonly #heldBack = MetricWriter.gauge(HELD_BACK_GAUGE, "1");
  readonly #warmingReplicas = MetricWriter.gauge(WARMING_REPLICAS, "{replica}");
  readonly #warmingCpu = MetricWriter.gauge(WARMING_CPU, "{cpu}");
  readonly #ended = MetricWriter.gauge(ENDED, "{process}");
  readonly #sources = MetricWriter.gauge(SOURCE, "1");
  readonly #degraded = MetricWriter.gauge(DEGRADED, "1");
  readonly #missing = MetricWriter.gauge(MISSING, "1");

  /** @param own attributes of all points of the workload */
  constructor(own: Buffer) {
    this.#own = own;
  }

  /** @param times of `pointTimes` */
  encode(vector: UsageVector, times: Buffer, scope: MessageParts): void {
    const { heldBack = {}, warming, ended, sources = {}, degraded = [], missing } = vector;
    const add = (metric: MetricWriter, value: number, attributes: Attributes = []) =>
      metric.add(times, value, this.#own, this.#bytes(attributes));
    for (const [name, value] of Object.entries(heldBack)) add(this.#heldBack, value, [[ATTRIBUTE.heldBack, name]]);
    if (warming !== undefined) {
      add(this.#warmingReplicas, warming.replicas);
      add(this.#warmingCpu, warming.cpu);
    }
    if (ended !== undefined) add(this.#ended, ended);
    for (const [part, source] of Object.entries(sources))
      add(this.#sources, 1, [
        [ATTRIBUTE.part, part],
        [ATTRIBUTE.source, source],
      ]);
    for (const { part, reason } of degraded)
      add(this.#degraded, 1, [
        [ATTRIBUTE.part, part],
        [ATTRIBUTE.reason, reason],
      ]);
    for (const { metric, reason } of missing)
      add(this.#missing, 1, [
        [ATTRIBUTE.metric, metric],
        [ATTRIBUTE.reason, reason],
      ]);
    for (const metric of [
      this.#heldBack,
      this.#warmingReplicas,
      this.#warmingCpu,
      this.#ended,
      this.#sources,
      this.#degraded,
      this.#missing,
    ])
      metric.moveTo(scope);
  }

  /** The same few attributes come each second. */
  #bytes(attributes: Attributes): Buffer {
    const key = attributes.flat().join("\0");
    let bytes = this.#encoded.get(key);
    if (bytes === undefined) {
      if (this.#encoded.size >= MOST_CACHED) this.#encoded.clear();
      bytes = pointAttributes(attributes);
      this.#encoded.set(key, bytes);
    }
    return bytes;
  }
}
