import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { decompressSnappy } from "../remote-write/snappy.ts";
import { Refusal } from "./refusal.ts";

/** On the wire. */
const MOST_BYTES = 4 * 1024 * 1024;
/** After decompression. */
const MOST_INFLATED_BYTES = 16 * 1024 * 1024;

const inflate = promisify(gunzip);

/** Bodies that are decompressed at once: others wait as they came. */
const MOST_INFLATING = 2;

/** Bytes of bodies that are held at once, over all requests. Who sends slowly holds little, and keeps nobody out. */
export class BodyMemory {
  readonly #most: number;
  #held = 0;
  #inflating = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** @throws Refusal 429 when there is no room */
  take(bytes: number): void {
    if (this.#held + bytes > this.#most) throw new Refusal(429, "too much is being received; come back in a moment");
    this.#held += bytes;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }

  /** Does the work when few others decompress. */
  async inflating<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#inflating >= MOST_INFLATING) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#inflating++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#inflating--;
      else next();
    }
  }
}

/**
 * The body of a request, decompressed, while `use` works on it.
 *
 * @param encodings content encodings that are taken
 * @throws Refusal 413 when it is larger than 4 MiB, or 16 MiB decompressed; 415 for another encoding; 400 when it is cut or is not what its
 * encoding says; 429 when too much is held already
 */
export async function withBody<Result>(
  request: IncomingMessage,
  encodings: readonly string[],
  memory: BodyMemory,
  use: (body: Uint8Array) => Result,
): Promise<Result> {
  const encoding = request.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (!encodings.includes(encoding))
    throw new Refusal(415, `the content encoding must be ${encodings.join(" or ")}, found ${encoding.slice(0, 50)}`);
  if (Number(request.headers["content-length"]) > MOST_BYTES) throw tooLarge(MOST_BYTES);
  const held = new Held(memory);
  try {
    const body = await collect(request, held);
    if (encoding === "identity") return use(body);
    if (encoding === "snappy") return use(fromSnappy(body));
    return await memory.inflating(async () => use(await fromGzip(body)));
  } finally {
    held.giveAll();
  }
}

/** What one request holds. */
class Held {
  readonly #memory: BodyMemory;
  #bytes = 0;

  constructor(memory: BodyMemory) {
    this.#memory = memory;
  }

  take(bytes: number): void {
    this.#memory.take(bytes);
    this.#bytes += bytes;
  }

  giveAll(): void {
    this.#memory.give(this.#bytes);
  }
}

async function fromGzip(body: Uint8Array): Promise<Uint8Array> {
  try {
    return await inflate(body, { maxOutputLength: MOST_INFLATED_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(MOST_INFLATED_BYTES);
    throw new Refusal(400, "the body is not gzip");
  }
}

function fromSnappy(body: Uint8Array): Uint8Array {
  try {
    return decompressSnappy(body, MOST_INFLATED_BYTES);
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(MOST_INFLATED_BYTES);
    throw new Refusal(400, "the body is not a block of Snappy");
  }
}

async function collect(request: IncomingMessage, held: Held): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    // The stream is left as it is on a refusal, for the answer to be sent before the connection is closed.
    for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > MOST_BYTES) throw tooLarge(MOST_BYTES);
      held.take(part.length);
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, "the body was cut off");
  }
  return Buffer.concat(parts, size);
}

function tooLarge(bytes: number): Refusal {
  return new Refusal(413, `the body is larger than ${bytes} bytes; send less at once`);
}
