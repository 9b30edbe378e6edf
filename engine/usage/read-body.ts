import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

/** On the wire. */
const MOST_BYTES = 4 * 1024 * 1024;
/** After decompression. */
const MOST_INFLATED_BYTES = 16 * 1024 * 1024;

const inflate = promisify(gunzip);

/** A request that is not taken, with the HTTP status that says so. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The body of a request, decompressed.
 *
 * @throws Refusal 413 when it is larger than 4 MiB, or 16 MiB decompressed; 415 for an encoding other than gzip; 400 when it is cut
 * or is not what its encoding says
 */
export async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const encoding = request.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "gzip")
    throw new Refusal(415, `the content encoding must be gzip or none, found ${encoding}`);
  if (Number(request.headers["content-length"]) > MOST_BYTES) throw tooLarge(MOST_BYTES);
  const body = await collect(request);
  if (encoding === "identity") return body;
  try {
    return await inflate(body, { maxOutputLength: MOST_INFLATED_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(MOST_INFLATED_BYTES);
    throw new Refusal(400, "the body is not gzip");
  }
}

async function collect(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    // The stream is left as it is on a refusal, for the answer to be sent before the connection is closed.
    for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > MOST_BYTES) throw tooLarge(MOST_BYTES);
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, "the body was cut off");
  }
  return Buffer.concat(parts, size);
}

function tooLarge(bytes: number): Refusal {
  return new Refusal(413, `the body is larger than ${bytes} bytes; send fewer vectors at once`);
}
