import { type DescMessage, fromBinary, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import {
  type ExportMetricsServiceRequest,
  ExportMetricsServiceRequestSchema,
} from "../../../model/otlp/generated/metrics_pb.ts";
import { Refusal } from "../server/refusal.ts";

/** Messages inside a request. An empty one is two bytes on the wire and hundreds in memory. */
const MOST_MESSAGES = 500_000;
const OPENING = 0x7b;

/** @throws Refusal 400 when the body is no request, 413 when more is in it than is taken at once */
export function decodeProtobuf(body: Uint8Array): ExportMetricsServiceRequest {
  try {
    countMessages(body, ExportMetricsServiceRequestSchema);
    return fromBinary(ExportMetricsServiceRequestSchema, body, { readUnknownFields: false });
  } catch (error) {
    throw refusalOf(error);
  }
}

/** OTLP's JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). @throws Refusal as for protobuf */
export function decodeJson(body: Uint8Array): ExportMetricsServiceRequest {
  let objects = 0;
  for (let at = body.indexOf(OPENING); at >= 0; at = body.indexOf(OPENING, at + 1))
    if (++objects > MOST_MESSAGES) throw tooMany();
  try {
    const json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as JsonValue;
    return fromJson(ExportMetricsServiceRequestSchema, json, { ignoreUnknownFields: true });
  } catch (error) {
    throw refusalOf(error);
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const { message } = error as Error;
  return new Refusal(400, `the body is not an ExportMetricsServiceRequest: ${message.slice(0, 200)}`);
}

function tooMany(): Refusal {
  return new Refusal(413, `more than ${MOST_MESSAGES} messages in one request; send fewer data points at once`);
}

/** Counts messages without making them. */
function countMessages(body: Uint8Array, schema: DescMessage): void {
  let left = MOST_MESSAGES;
  const walk = (bytes: Uint8Array, description: DescMessage) => {
    if (--left < 0) throw tooMany();
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      const child = description.fields.find((field) => field.number === number)?.message;
      if (type === WireType.LengthDelimited && child !== undefined) walk(reader.bytes(), child);
      else reader.skip(type, number);
    }
  };
  walk(body, schema);
}
