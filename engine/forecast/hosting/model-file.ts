import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { createTable, kindOf, type Table, type TableKind } from "../fleet/tables.ts";
import type { SharedShard } from "./shared-shard.ts";

const MAGIC = "FORESHADOW-MODELS";
const VERSION = 1;
/** Bytes that are read or written at once. */
const PIECE = 8 << 20;
const MOST_HEADER = 1 << 30;

interface Header {
  readonly version: number;
  readonly notes: string;
  readonly shards: readonly (Omit<SharedShard, "tables"> & {
    readonly tables: readonly {
      readonly name: string;
      readonly kind: TableKind;
      readonly length: number;
      readonly crc: number;
    }[];
  })[];
}

/**
 * Writes the memory of a fleet to one file: a header in JSON with a checksum of each table, then the tables as they lie in memory. Readers,
 * and a crash at any time, see the old file or the new.
 *
 * @param notes text that goes with it
 */
export function writeModels(path: string, shards: readonly SharedShard[], notes: string): void {
  const header: Header = {
    version: VERSION,
    notes,
    shards: shards.map(({ tables, ...shard }) => ({
      ...shard,
      tables: [...tables].map(([name, table]) => ({
        name,
        kind: kindOf(table),
        length: table.length,
        crc: checksum(bytesOf(table)),
      })),
    })),
  };
  const text = Buffer.from(JSON.stringify(header));
  const start = Buffer.alloc(MAGIC.length + 8);
  start.write(MAGIC, "latin1");
  start.writeUInt32LE(text.length, MAGIC.length);
  start.writeUInt32LE(crc32(text), MAGIC.length + 4);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, "w", 0o600);
    try {
      for (const part of [start, text]) writeAll(file, part);
      for (const { tables } of shards) for (const table of tables.values()) writeAll(file, bytesOf(table));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    const directory = openSync(dirname(path), "r");
    fsyncSync(directory);
    closeSync(directory);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Reads what `writeModels` has written, into shared memory. @throws Error that says what is wrong with the file */
export function readModels(path: string): { shards: SharedShard[]; notes: string } {
  const file = openSync(path, "r");
  try {
    const start = Buffer.alloc(MAGIC.length + 8);
    readAll(file, start, path);
    const length = start.readUInt32LE(MAGIC.length);
    if (start.toString("latin1", 0, MAGIC.length) !== MAGIC || length > MOST_HEADER)
      throw new Error(`${path}: expected models of forecasts, found another file`);
    const text = Buffer.alloc(length);
    readAll(file, text, path);
    if (crc32(text) !== start.readUInt32LE(MAGIC.length + 4)) throw damaged(path, "its header");
    const header = JSON.parse(text.toString()) as Header;
    if (header.version !== VERSION)
      throw new Error(`${path}: expected models of version ${VERSION}, found version ${header.version}`);
    const shards = header.shards.map(({ tables, ...shard }) => ({
      ...shard,
      tables: new Map(
        tables.map(({ name, kind, length: count, crc }) => {
          const table = createTable(kind, count);
          const bytes = bytesOf(table);
          readAll(file, bytes, path);
          if (checksum(bytes) !== crc) throw damaged(path, name);
          return [name, table] as [string, Table];
        }),
      ),
    }));
    return { shards, notes: header.notes };
  } finally {
    closeSync(file);
  }
}

function damaged(path: string, what: string): Error {
  return new Error(`${path}: ${what} does not match its checksum; the file is damaged`);
}

function bytesOf(table: Table): Uint8Array {
  return new Uint8Array(table.buffer, table.byteOffset, table.byteLength);
}

function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += PIECE) sum = crc32(bytes.subarray(at, at + PIECE), sum);
  return sum;
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(PIECE, bytes.length - at));
}

function readAll(file: number, bytes: Uint8Array, path: string): void {
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(file, bytes, at, Math.min(PIECE, bytes.length - at), null);
    if (read === 0) throw damaged(path, "its length");
    at += read;
  }
}
