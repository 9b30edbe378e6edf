import { isMap, parseDocument, type YAMLMap } from "yaml";
import { z } from "zod";
import { parseYaml } from "./document.ts";
import { InputError } from "./input-error.ts";
import { formatInstant } from "./instant.ts";
import { type Plain, replaceChanged } from "./replace-changed.ts";
import { instant, name, version } from "./schema.ts";

const HOURS = /^(\d\d)-(\d\d)$/;
const count = z.number().int().min(0).max(1_000_000);

const range = z
  .strictObject({ least: count, greatest: count })
  .refine(({ least, greatest }) => least <= greatest, "a least of at most the greatest");

const workloadEnvelope = z.strictObject({
  until: instant,
  hours: z.record(z.string(), range).superRefine((hours, context) => {
    const taken = new Map<number, string>();
    for (const key of Object.keys(hours)) {
      const span = hoursOf(key);
      const problem = (message: string) => context.addIssue({ code: "custom", message, input: key, path: [key] });
      if (span === undefined) {
        problem("hours of the day such as 08-20, from 00 to 24");
        continue;
      }
      for (let hour = span.from; hour < span.to; hour++) {
        const other = taken.get(hour);
        if (other !== undefined) {
          problem(`hours that are not in ${other} as well`);
          break;
        }
        taken.set(hour, key);
      }
    }
  }),
});

/** `capacity/<stack>.envelope.yaml`: the floors of each workload of a stack that need no further approval. */
export const envelopeFile = z
  .object({ version })
  .catchall(workloadEnvelope)
  .superRefine((value, context) => {
    for (const key of Object.keys(value)) {
      if (key === "version" || name.safeParse(key).success) continue;
      context.addIssue({ code: "custom", message: "a workload name of a-z, 0-9 and -", input: key, path: [key] });
    }
  });

/** A range of floors for the hours of the day, in UTC, from the beginning of `from` to that of `to` (at most 24). */
export interface HourRange {
  readonly from: number;
  readonly to: number;
  readonly least: number;
  readonly greatest: number;
}

/** What a reviewer approved for a workload: floors by hour of the day until an instant (epoch seconds). Hours that are not listed are not approved. */
export interface Envelope {
  readonly until: number;
  /** Ascending, and no hour twice. */
  readonly hours: readonly HourRange[];
}

/** Path of a stack's envelope: beside its capacity file. */
export function envelopePath(capacityPath: string): string {
  return capacityPath.replace(/\.yaml$/, ".envelope.yaml");
}

/**
 * Reads an envelope file: the envelopes by workload name.
 *
 * @throws InputError with file, line, path and what was expected
 */
export function parseEnvelope(text: string, file: string): ReadonlyMap<string, Envelope> {
  const { version: _, ...workloads } = parseYaml(text, file, envelopeFile);
  return new Map(
    Object.entries(workloads as Record<string, z.output<typeof workloadEnvelope>>).map(([key, { until, hours }]) => {
      const ranges = Object.entries(hours).map(([span, bounds]) => ({ ...hoursOf(span)!, ...bounds }));
      return [key, { until, hours: ranges.sort((a, b) => a.from - b.from) }];
    }),
  );
}

/** The range approved for an hour of the day, 0 to 23 in UTC. */
export function rangeOf({ hours }: Envelope, hour: number): HourRange | undefined {
  return hours.find(({ from, to }) => from <= hour && hour < to);
}

/**
 * The text of an envelope file with one workload's envelope replaced; comments and everything that does not change stay.
 *
 * @param text the present text of the file; may be empty
 * @throws InputError when the text is not an envelope file
 */
export function editEnvelope(text: string, file: string, workload: string, next: Envelope): string {
  const start = text.trim() === "" ? "version: 1\n" : text;
  const current = parseEnvelope(start, file).get(workload);
  const document = parseDocument(start);
  if (!isMap(document.contents)) throw new InputError(file, [{ path: "", expected: "a map", found: "something else" }]);
  const create = (value: unknown) => {
    const node = document.createNode(value);
    // A range of hours is one line, which is what a person edits.
    if (isMap(node) && node.has("least")) node.flow = true;
    return node;
  };
  const plain = toPlain(next);
  if (current === undefined) {
    document.set(workload, document.createNode({ ...plain, hours: {} }));
    const hours = document.getIn([workload, "hours"], true) as YAMLMap;
    hours.flow = false;
    replaceChanged(hours, {}, plain.hours as Plain, create);
  } else replaceChanged(document.get(workload) as YAMLMap, toPlain(current), plain, create);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function toPlain({ until, hours }: Envelope): Plain {
  const two = (hour: number) => String(hour).padStart(2, "0");
  return {
    until: formatInstant(until),
    hours: Object.fromEntries(
      hours.map(({ from, to, least, greatest }) => [`${two(from)}-${two(to)}`, { least, greatest }]),
    ),
  };
}

function hoursOf(text: string): { from: number; to: number } | undefined {
  const match = HOURS.exec(text);
  if (match === null) return undefined;
  const [from, to] = [Number(match[1]), Number(match[2])];
  return from < to && to <= 24 ? { from, to } : undefined;
}
