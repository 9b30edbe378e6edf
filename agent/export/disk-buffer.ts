import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Batch } from "./batch.ts";

/** A segment is sent as one request, which receivers take up to some MiB of. */
const SEGMENT_BYTES = 1024 * 1024;
/** Length, number of vectors and checksum before each batch. */
const HEADER_BYTES = 12;
const SEGMENT = /^(\d{10})\.segment$/;

interface Segment {
  readonly number: number;
  bytes: number;
  vectors: number;
}

/**
 * Batches on disk, oldest first, in files of about a mebibyte that are only appended to and go as a whole: after delivery, or for the
 * newest when there is no room. They outlive the process; what a crash cut off or a disk damaged is left out and counted as far as it
 * can be known. One process a directory.
 */
export class DiskBuffer {
  readonly #directory: string;
  readonly #most: number;
  readonly #segments: Segment[] = [];
  #open: { readonly segment: Segment; readonly file: number } | undefined;
  #bytes = 0;
  /** Vectors in it. */
  vectors = 0;
  /** Vectors that gave way to newer ones. */
  dropped = 0;

  /**
   * @param directory is made, for its owner only
   * @param most bytes of all files
   */
  constructor(directory: string, most: number) {
    this.#directory = directory;
    this.#most = Math.max(most, 2 * SEGMENT_BYTES);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const numbers = readdirSync(directory).flatMap((name) => SEGMENT.exec(name)?.[1] ?? []);
    for (const number of numbers.map(Number).sort((a, b) => a - b)) {
      const content = readFileSync(this.#path(number));
      const { vectors } = joined(content);
      if (vectors === 0) rmSync(this.#path(number), { force: true });
      else this.#add({ number, bytes: content.length, vectors });
    }
  }

  /** @throws Error of the file system when it cannot be written; what was written of it is not read */
  append(batch: Batch): void {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(batch.bytes.length, 0);
    header.writeUInt32LE(batch.vectors, 4);
    header.writeUInt32LE(crc32(batch.bytes), 8);
    const record = Buffer.concat([header, batch.bytes]);
    const { segment, file } = this.#writable(record.length);
    try {
      if (writeSync(file, record) !== record.length) throw new Error("the disk is full");
    } catch (error) {
      // What follows a record that was cut off could not be found again: the next goes into a file of its own.
      this.#seal();
      throw error;
    }
    segment.bytes += record.length;
    segment.vectors += batch.vectors;
    this.#bytes += record.length;
    this.vectors += batch.vectors;
    while (this.#bytes > this.#most && this.#segments.length > 1) {
      this.dropped += this.#segments[0].vectors;
      this.#remove();
    }
  }

  /** The oldest that go as one request, and the number of their segment; undefined when there is nothing. */
  oldest(): (Batch & { readonly segment: number }) | undefined {
    while (this.#segments.length > 0) {
      const [{ number, vectors }] = this.#segments;
      if (this.#open?.segment.number === number) this.#seal();
      const batch = this.#read(number);
      this.dropped += Math.max(0, vectors - batch.vectors);
      if (batch.vectors > 0) return { ...batch, segment: number };
      this.#remove();
    }
    return undefined;
  }

  /** What `oldest` gave is not needed any more. It may have given way to newer ones meanwhile. */
  delivered(segment: number): void {
    if (this.#segments[0]?.number === segment) this.#remove();
  }

  close(): void {
    this.#seal();
  }

  #read(number: number): Batch {
    try {
      return joined(readFileSync(this.#path(number)));
    } catch {
      return { bytes: Buffer.alloc(0), vectors: 0 };
    }
  }

  #writable(size: number): { readonly segment: Segment; readonly file: number } {
    if (this.#open !== undefined && this.#open.segment.bytes + size > SEGMENT_BYTES) this.#seal();
    if (this.#open === undefined) {
      const number = (this.#segments.at(-1)?.number ?? 0) + 1;
      const file = openSync(this.#path(number), "a", 0o600);
      const segment = { number, bytes: fstatSync(file).size, vectors: 0 };
      this.#add(segment);
      this.#open = { segment, file };
    }
    return this.#open;
  }

  #add(segment: Segment): void {
    this.#segments.push(segment);
    this.#bytes += segment.bytes;
    this.vectors += segment.vectors;
  }

  #seal(): void {
    if (this.#open !== undefined) closeSync(this.#open.file);
    this.#open = undefined;
  }

  #remove(): void {
    const segment = this.#segments.shift();
    if (segment === undefined) return;
    if (this.#open?.segment === segment) this.#seal();
    this.#bytes -= segment.bytes;
    this.vectors -= segment.vectors;
    rmSync(this.#path(segment.number), { force: true });
  }

  #path(number: number): string {
    return join(this.#directory, `${String(number).padStart(10, "0")}.segment`);
  }
}

/** The batches of a segment one after another, up to the first that is damaged. */
function joined(content: Buffer): Batch {
  const parts: Buffer[] = [];
  let vectors = 0;
  for (let at = 0; at + HEADER_BYTES <= content.length; ) {
    const bytes = content.subarray(at + HEADER_BYTES, at + HEADER_BYTES + content.readUInt32LE(at));
    if (bytes.length !== content.readUInt32LE(at) || crc32(bytes) !== content.readUInt32LE(at + 8)) break;
    parts.push(bytes);
    vectors += content.readUInt32LE(at + 4);
    at += HEADER_BYTES + bytes.length;
  }
  return { bytes: Buffer.concat(parts), vectors };
}
