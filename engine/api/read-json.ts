import { ProblemError } from "./problem.ts";

const MOST_BYTES = 64 * 1024;

/**
 * The JSON of a request's body, `{}` where there is none. It is read no further than it may be long, whether its length is said or it comes in chunks.
 *
 * @throws ProblemError 413 on more than 64 KiB, 400 on what is no JSON in UTF-8
 */
export async function readJson(request: Request): Promise<unknown> {
  if (Number(request.headers.get("content-length") ?? 0) > MOST_BYTES) throw tooLarge();
  const bytes = request.body === null ? new Uint8Array() : await collect(request.body);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes) || "{}");
  } catch {
    throw new ProblemError({ status: 400, title: "No JSON", code: "no-json", detail: "expected a body of JSON" });
  }
}

async function collect(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(parts, size);
    size += value.length;
    if (size > MOST_BYTES) {
      await reader.cancel();
      throw tooLarge();
    }
    parts.push(value);
  }
}

function tooLarge(): ProblemError {
  const detail = `expected a body of at most ${MOST_BYTES} bytes, found more`;
  return new ProblemError({ status: 413, title: "Too much", code: "too-large", detail });
}
