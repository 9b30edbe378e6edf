import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { create, type JsonValue, toBinary, toJson } from "@bufbuild/protobuf";
import { ExportMetricsServiceResponseSchema, StatusSchema } from "../../../model/otlp/generated/metrics_pb.ts";
import type { Refusal } from "./refusal.ts";

const RETRY_AFTER_SECONDS = "1";
const MOST_REASON = 500;
/** google.rpc.Code, as OTLP/HTTP's error bodies carry it. */
const CODES: Readonly<Record<number, number>> = { 401: 16, 403: 7, 429: 8, 500: 13, 503: 14 };
const INVALID = 3;

/** Answers that a request is refused. @param cut its body was not read: the connection cannot serve another */
export type Refuse = (response: ServerResponse, refusal: Refusal, cut: boolean) => void;

/** What of a request was refused while the rest was taken. */
interface Partly {
  readonly rejected: number;
  readonly reason?: string;
}

function headersOf({ status }: Refusal, cut: boolean): OutgoingHttpHeaders {
  return {
    ...(status === 401 && { "www-authenticate": "Bearer" }),
    ...(status === 405 && { allow: "POST" }),
    ...(status === 429 && { "retry-after": RETRY_AFTER_SECONDS }),
    ...(cut && { connection: "close" }),
  };
}

function success({ rejected, reason }: Partly) {
  const partialSuccess = { rejectedDataPoints: BigInt(rejected), errorMessage: reason?.slice(0, MOST_REASON) };
  return create(ExportMetricsServiceResponseSchema, rejected === 0 ? {} : { partialSuccess });
}

function statusOf({ status, message }: Refusal) {
  return create(StatusSchema, { code: CODES[status] ?? INVALID, message });
}

/** OTLP/HTTP with protobuf. */
export const answerProtobuf: Refuse & { taken(response: ServerResponse, partly: Partly): void } = Object.assign(
  (response: ServerResponse, refusal: Refusal, cut: boolean) => {
    const headers = { "content-type": "application/x-protobuf", ...headersOf(refusal, cut) };
    response.writeHead(refusal.status, headers).end(toBinary(StatusSchema, statusOf(refusal)));
  },
  {
    taken: (response: ServerResponse, partly: Partly) => {
      const body = toBinary(ExportMetricsServiceResponseSchema, success(partly));
      response.writeHead(200, { "content-type": "application/x-protobuf" }).end(body);
    },
  },
);

/** OTLP/HTTP with JSON. */
export const answerJson: Refuse & { taken(response: ServerResponse, partly: Partly): void } = Object.assign(
  (response: ServerResponse, refusal: Refusal, cut: boolean) =>
    json(response, refusal.status, toJson(StatusSchema, statusOf(refusal)), headersOf(refusal, cut)),
  {
    taken: (response: ServerResponse, partly: Partly) =>
      json(response, 200, toJson(ExportMetricsServiceResponseSchema, success(partly))),
  },
);

function json(response: ServerResponse, status: number, body: JsonValue, headers: OutgoingHttpHeaders = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** Prometheus: a line of text. */
export const answerText: Refuse & {
  taken(response: ServerResponse, note: string | undefined, headers: OutgoingHttpHeaders): void;
} = Object.assign(
  (response: ServerResponse, refusal: Refusal, cut: boolean) => {
    const headers = { "content-type": "text/plain; charset=utf-8", ...headersOf(refusal, cut) };
    response.writeHead(refusal.status, headers).end(`${refusal.message}\n`);
  },
  {
    taken: (response: ServerResponse, note: string | undefined, headers: OutgoingHttpHeaders) => {
      const type = note === undefined ? {} : { "content-type": "text/plain; charset=utf-8" };
      response.writeHead(note === undefined ? 204 : 200, { ...headers, ...type }).end(note && `${note}\n`);
    },
  },
);
