import {
  ATTRIBUTE,
  DEGRADED,
  ENDED,
  HELD_BACK_GAUGE,
  SOURCE,
  WARMING_CPU,
  WARMING_REPLICAS,
} from "../../model/otlp/names.ts";
import type { UsageVector } from "../../model/vector.ts";
import { gauge, PointWriter, pointAttributes } from "./point-writer.ts";

type Attributes = readonly (readonly [string, string | number])[];
type Point = readonly [attributes: Attributes, value: number];

/** What a vector tells beside its measures: what held the workload back, what warms up, where figures come from. */
export function encodeNotes(
  { heldBack = {}, warming, ended, sources = {}, degraded = [] }: UsageVector,
  own: Attributes,
  times: Buffer,
): Buffer[] {
  const metrics: Buffer[] = [];
  const add = (name: string, unit: string, points: readonly Point[]) => {
    if (points.length === 0) return;
    const writer = new PointWriter();
    for (const [attributes, value] of points) writer.add(bytesOf([...own, ...attributes]), times, value);
    metrics.push(gauge(name, unit, writer.take()));
  };
  add(
    HELD_BACK_GAUGE,
    "1",
    Object.entries(heldBack).map(([name, value]): Point => [[[ATTRIBUTE.heldBack, name]], value]),
  );
  if (warming !== undefined) {
    add(WARMING_REPLICAS, "{replica}", [[[], warming.replicas]]);
    add(WARMING_CPU, "{cpu}", [[[], warming.cpu]]);
  }
  if (ended !== undefined) add(ENDED, "{process}", [[[], ended]]);
  add(
    SOURCE,
    "1",
    Object.entries(sources).map(
      ([part, source]): Point => [
        [
          [ATTRIBUTE.part, part],
          [ATTRIBUTE.source, source],
        ],
        1,
      ],
    ),
  );
  add(
    DEGRADED,
    "1",
    degraded.map(
      ({ part, reason }): Point => [
        [
          [ATTRIBUTE.part, part],
          [ATTRIBUTE.reason, reason],
        ],
        1,
      ],
    ),
  );
  return metrics;
}

const MOST_CACHED = 1000;
const encoded = new Map<string, Buffer>();

/** The same few attributes come each second. */
function bytesOf(attributes: Attributes): Buffer {
  const key = JSON.stringify(attributes);
  let bytes = encoded.get(key);
  if (bytes === undefined) {
    if (encoded.size >= MOST_CACHED) encoded.clear();
    bytes = pointAttributes(attributes);
    encoded.set(key, bytes);
  }
  return bytes;
}
