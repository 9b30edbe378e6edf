import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { fromBinary } from "@bufbuild/protobuf";
import { ExportTraceServiceRequestSchema, type Span } from "../../model/otlp/generated/trace_pb.ts";

/** A span as its receiver reads it. */
export interface ReceivedSpan {
  readonly name: string;
  readonly trace: string;
  readonly id: string;
  readonly parent: string;
  /** Epoch seconds. */
  readonly from: number;
  readonly to: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly string[];
  /** 0 unset, 1 ok, 2 error. */
  readonly status: number;
}

/** A receiver of traces by OTLP/HTTP that keeps what it is sent. `status` is what it answers. */
export async function traceReceiver() {
  const spans: ReceivedSpan[] = [];
  const asked: { path?: string; type?: string; service?: unknown }[] = [];
  const state = { status: 200, requests: 0 };
  const server = createServer(async (request, response) => {
    state.requests++;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    response.writeHead(state.status, { "content-type": "application/x-protobuf" });
    if (state.status === 200) {
      const sent = Buffer.concat(parts);
      const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
      for (const { resource, scopeSpans } of fromBinary(ExportTraceServiceRequestSchema, body).resourceSpans) {
        const { "service.name": service } = plain(resource?.attributes ?? []);
        asked.push({ path: request.url, type: request.headers["content-type"], service });
        spans.push(...scopeSpans.flatMap((scope) => scope.spans.map(received)));
      }
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    asked,
    state,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function received({ name, traceId, spanId, parentSpanId, attributes, events, status, ...times }: Span): ReceivedSpan {
  return {
    name,
    trace: Buffer.from(traceId).toString("hex"),
    id: Buffer.from(spanId).toString("hex"),
    parent: Buffer.from(parentSpanId).toString("hex"),
    from: Number(times.startTimeUnixNano) / 1e9,
    to: Number(times.endTimeUnixNano) / 1e9,
    attributes: plain(attributes),
    events: events.map((event) => event.name),
    status: status?.code ?? 0,
  };
}

function plain(attributes: Span["attributes"]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value?.value.value]));
}
