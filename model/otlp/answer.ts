/**
 * Reads what an OTLP receiver answers: two messages of two fields each, for which the library would take more memory than all else of
 * an agent. Field numbers are those of metrics.proto, against whose generated code this is tested.
 */

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;
/** A longer reason says nothing more. */
const MOST_CHARACTERS = 300;

/** The data points that the receiver refused while it took the others, and why: `ExportMetricsServiceResponse`; the answer to traces is the same on the wire. None where the answer is not OTLP's. */
export function partialSuccess(answer: Buffer): { readonly rejected: number; readonly reason: string } {
  const partial = fields(answer)?.get(1);
  const content = Buffer.isBuffer(partial) ? fields(partial) : undefined;
  const rejected = content?.get(1);
  return { rejected: typeof rejected === "number" ? rejected : 0, reason: text(content?.get(2)) };
}

/** The message of a `google.rpc.Status`; empty where the answer is none. */
export function statusMessage(answer: Buffer): string {
  return text(fields(answer)?.get(2));
}

function text(value: number | Buffer | undefined): string {
  return Buffer.isBuffer(value) ? value.toString("utf8").slice(0, MOST_CHARACTERS) : "";
}

/** The last value of each field: numbers, and the bytes of what has a length. Undefined when this is no such message. */
function fields(bytes: Buffer): Map<number, number | Buffer> | undefined {
  const found = new Map<number, number | Buffer>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < bytes.length && scale < 2 ** 70; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const kind = tag % 8;
    if (!(number > 0)) return undefined;
    const value =
      kind === VARINT || kind === LENGTH_DELIMITED
        ? varint()
        : kind === FIXED64
          ? 8
          : kind === FIXED32
            ? 4
            : Number.NaN;
    if (Number.isNaN(value)) return undefined;
    if (kind === VARINT) {
      found.set(number, value);
      continue;
    }
    if (at + value > bytes.length) return undefined;
    if (kind === LENGTH_DELIMITED) found.set(number, bytes.subarray(at, at + value));
    at += value;
  }
  return found;
}
