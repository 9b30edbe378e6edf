import { HELD_BACK, type HeldBack, type HeldBackName } from "../../../model/held-back.ts";
import {
  ATTRIBUTE,
  DEGRADED,
  ENDED,
  HELD_BACK_GAUGE,
  SOURCE,
  WARMING_CPU,
  WARMING_REPLICAS,
} from "../../../model/otlp/names.ts";
import { SOURCED_PARTS, type SourcedPart, type UsageVector } from "../../../model/vector.ts";

/** Gauges of what a vector tells beside its measures. */
export const NOTES: ReadonlySet<string> = new Set([
  HELD_BACK_GAUGE,
  WARMING_REPLICAS,
  WARMING_CPU,
  ENDED,
  SOURCE,
  DEGRADED,
]);

/** Nothing that holds a workload back is counted in more. */
const GREATEST = 2 ** 60;
const MOST_DEGRADED = 16;
const HELD_BACK_NAMES: ReadonlySet<string> = new Set(HELD_BACK);
const PARTS: ReadonlySet<string> = new Set(SOURCED_PARTS);

/** Puts together what the points of one vector tell beside its measures. */
export class NotesBuilder {
  readonly #heldBack: HeldBack = {};
  readonly #sources: Partial<Record<SourcedPart, string>> = {};
  readonly #degraded: { part: SourcedPart; reason: string }[] = [];
  #warmingReplicas: number | undefined;
  warmingCpu = 0;
  #ended: number | undefined;

  /**
   * @param name one of `NOTES`
   * @param attribute the text of an attribute, empty when there is none
   * @returns why the point is refused; undefined when it is taken
   */
  add(name: string, value: number, attribute: (key: string) => string): string | undefined {
    if (!(value >= 0 && value <= GREATEST)) return `${name}: ${value} is no possible value`;
    if (name === WARMING_CPU) this.warmingCpu = value;
    else if (name === WARMING_REPLICAS) this.#warmingReplicas = value;
    else if (name === ENDED) this.#ended = value;
    else if (name === HELD_BACK_GAUGE) {
      const held = attribute(ATTRIBUTE.heldBack);
      if (!HELD_BACK_NAMES.has(held))
        return `${name}: its ${ATTRIBUTE.heldBack} must be one of ${HELD_BACK.join(", ")}`;
      this.#heldBack[held as HeldBackName] = value;
    } else return this.#addPart(name, attribute);
    return undefined;
  }

  #addPart(name: string, attribute: (key: string) => string): string | undefined {
    const part = attribute(ATTRIBUTE.part) as SourcedPart;
    if (!PARTS.has(part)) return `${name}: its ${ATTRIBUTE.part} must be one of ${SOURCED_PARTS.join(", ")}`;
    if (name === SOURCE) this.#sources[part] = attribute(ATTRIBUTE.source);
    else if (this.#degraded.length < MOST_DEGRADED)
      this.#degraded.push({ part, reason: attribute(ATTRIBUTE.reason) || "no reason given" });
    return undefined;
  }

  notes(): Pick<UsageVector, "heldBack" | "warming" | "ended" | "sources" | "degraded"> {
    const replicas = this.#warmingReplicas;
    return {
      ...(Object.keys(this.#heldBack).length === 0 ? {} : { heldBack: this.#heldBack }),
      ...(replicas === undefined ? {} : { warming: { replicas, cpu: this.warmingCpu } }),
      ...(this.#ended === undefined ? {} : { ended: this.#ended }),
      ...(Object.keys(this.#sources).length === 0 ? {} : { sources: this.#sources }),
      ...(this.#degraded.length === 0 ? {} : { degraded: this.#degraded }),
    };
  }
}
