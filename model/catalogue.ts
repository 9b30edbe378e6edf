import { z } from "zod";
import { parseYaml } from "./document.ts";
import { bytes, price, rate, version } from "./schema.ts";

const typeName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "a name of letters, digits, ., _ and -");
const label = z.string().min(1).max(100);
const cpu = z.number().positive().max(100_000);
const pricePositive = price.refine((value) => value > 0, "a price above 0 USD/h");

const machineType = z.strictObject({
  family: label,
  architecture: label.default("x86_64"),
  cpu,
  memory: bytes,
  /** What the machine may move at most, to its disks and over the network: of one machine, both directions alike. */
  disk: rate.optional(),
  iops: z.number().positive().optional(),
  network: rate.optional(),
  price: pricePositive,
});

/** Sizes that are bought by the core and the GiB: container sizes (no name in the capacity file), custom machine types (a name). */
const grid = z.strictObject({
  kind: z.enum(["container", "machine"]),
  /** A machine's type is named NAME-CPU-MiB. */
  name: typeName,
  family: label.optional(),
  architecture: label.default("x86_64"),
  price: z.strictObject({ cpu: pricePositive, memoryGiB: pricePositive }),
  sizes: z
    .array(z.strictObject({ cpu, memory: z.array(bytes).min(1).max(200) }))
    .min(1)
    .max(200),
});

/** What a disk that stands alone costs: its size by the GiB, and operations and throughput above what comes with every disk. */
const disk = z.strictObject({
  kind: label,
  gib: pricePositive,
  /** A price an operation a second. */
  iops: z.strictObject({ included: z.number().min(0), price }),
  /** A price a MiB a second. */
  throughput: z.strictObject({ included: rate, price }),
});

/** A catalogue: what can be bought, in one region. Sizes in bytes, rates in bytes per second, prices USD per hour. */
export const catalogueFile = z
  .strictObject({
    version,
    provider: label,
    region: label,
    /** The day on which prices and limits were as they stand here. */
    asOf: z.iso.date("a day such as 2025-06-30"),
    source: z.url({ protocol: /^https?$/, error: "the address that the prices are from" }),
    types: z.record(typeName, machineType).default({}),
    grids: z.array(grid).max(20).default([]),
    disk: disk.optional(),
  })
  .refine(({ types, grids }) => Object.keys(types).length + grids.length > 0, "at least one type or grid")
  .refine(({ types }) => Object.keys(types).length <= 2000, "at most 2000 types");

export type Catalogue = z.output<typeof catalogueFile>;

/**
 * Reads a catalogue.
 *
 * @throws InputError with file, line, path and what was expected
 */
export function parseCatalogue(text: string, file: string): Catalogue {
  return parseYaml(text, file, catalogueFile);
}
