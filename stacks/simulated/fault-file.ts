import { z } from "zod";
import { parseYaml } from "../../model/document.ts";
import { instant, version } from "../../model/schema.ts";
import type { Fault } from "./faults.ts";

/** A fault that begins at an instant, in epoch seconds. */
export interface TimedFault {
  readonly at: number;
  readonly fault: Fault;
}

const text = z.string().min(1).max(1000);

const faultFile = z.strictObject({
  version,
  faults: z
    .array(
      z.strictObject({
        at: instant,
        on: z.enum(["create", "read", "update", "delete", "launch"]),
        type: text.optional(),
        zone: text.optional(),
        id: text.optional(),
        when: z.enum(["before", "after"]).default("before"),
        message: text,
        times: z.number().int().min(1).max(1_000_000).default(1),
      }),
    )
    .max(1000),
});

/**
 * Reads a file of what a simulated cloud is to do wrong, and from when on.
 *
 * @returns by their instants, ascending
 * @throws InputError with file, line, path and what was expected
 */
export function parseFaults(source: string, file: string): readonly TimedFault[] {
  return parseYaml(source, file, faultFile)
    .faults.map(({ at, ...fault }) => ({ at, fault }))
    .sort((a, b) => a.at - b.at);
}
