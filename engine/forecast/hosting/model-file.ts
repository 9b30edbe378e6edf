import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { createTable, kindOf, type Table, type TableKind } from "../fleet/tables.ts";
import type { SharedShard } from "./shared-shard.ts";

const MAGIC = "FORESHADOW-MODELS";
const VERSION = 3;
/** Bytes that are read or written at once. */
const PIECE = 8 << 20;
const MOST_NOTE = 1 << 28;

interface Header {
  readonly version: number;
  readonly shards: readonly (Omit<SharedShard, "tables"> & {
    readonly tables: readonly {
      readonly name: string;
      readonly kind: TableKind;
      readonly length: number;
      readonly crc: number;
    }[];
  })[];
}

/** Before each text: its length in bytes and its checksum. After the last note comes a length of none, then the header. */
const LENGTHS = 8;
const NO_NOTE = 0xffffffff;

/**
 * Writes the memory of a fleet to one file: texts that go with it, one by one, so that no single one has to hold all; a header in JSON with
 * a checksum of each table; then the tables as they lie in memory. Readers, and a crash at any time, see the old file or the new.
 */
export class ModelWriter {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: number;

  constructor(path: string) {
    this.#path = path;
    this.#temporary = `${path}.${process.pid}.tmp`;
    this.#file = openSync(this.#temporary, "w", 0o600);
    writeAll(this.#file, Buffer.from(`${MAGIC}${VERSION}`, "latin1"));
  }

  note(text: string): void {
    const bytes = Buffer.from(text);
    const lengths = Buffer.alloc(LENGTHS);
    lengths.writeUInt32LE(bytes.length);
    lengths.writeUInt32LE(crc32(bytes), 4);
    writeAll(this.#file, lengths);
    writeAll(this.#file, bytes);
  }

  /** After it the memory may change again; the file is not yet where readers look. */
  tables(shards: readonly SharedShard[]): void {
    const header: Header = {
      version: VERSION,
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
    const end = Buffer.alloc(4);
    end.writeUInt32LE(NO_NOTE);
    writeAll(this.#file, end);
    this.note(JSON.stringify(header));
    for (const { tables } of shards) for (const table of tables.values()) writeAll(this.#file, bytesOf(table));
  }

  /** Puts it in the place of the former file, so that it lasts. */
  keep(): void {
    fsyncSync(this.#file);
    closeSync(this.#file);
    renameSync(this.#temporary, this.#path);
    const directory = openSync(dirname(this.#path), "r");
    fsyncSync(directory);
    closeSync(directory);
  }

  /** Leaves the former file as it is. */
  discard(): void {
    try {
      closeSync(this.#file);
    } catch {
      // It was closed before what failed.
    }
    rmSync(this.#temporary, { force: true });
  }
}

/**
 * Reads what a `ModelWriter` has written, into shared memory.
 *
 * @param note takes each text, in the order in which they were written. What is wrong with the file may be found after the last
 * @throws Error that says what is wrong with the file
 */
export function readModels(path: string, note: (text: string) => void): SharedShard[] {
  const file = openSync(path, "r");
  try {
    const start = Buffer.alloc(MAGIC.length + 1);
    readAll(file, start, path);
    if (start.toString("latin1", 0, MAGIC.length) !== MAGIC)
      throw new Error(`${path}: expected models of forecasts, found another file`);
    const version = start.toString("latin1", MAGIC.length);
    if (version !== String(VERSION))
      throw new Error(`${path}: expected models of version ${VERSION}, found version ${version}`);
    for (let text = readNote(file, path); text !== undefined; text = readNote(file, path)) note(text);
    const header = JSON.parse(readNote(file, path) ?? "") as Header;
    return header.shards.map(({ tables, ...shard }) => ({
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
  } finally {
    closeSync(file);
  }
}

/** `undefined` after the last. */
function readNote(file: number, path: string): string | undefined {
  const lengths = Buffer.alloc(LENGTHS);
  readAll(file, lengths.subarray(0, 4), path);
  const length = lengths.readUInt32LE();
  if (length === NO_NOTE) return undefined;
  if (length > MOST_NOTE) throw damaged(path, "a text's length");
  readAll(file, lengths.subarray(4), path);
  const text = Buffer.alloc(length);
  readAll(file, text, path);
  if (crc32(text) !== lengths.readUInt32LE(4)) throw damaged(path, "a text");
  return text.toString();
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
