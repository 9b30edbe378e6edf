import assert from "node:assert/strict";
import { request as requestHttp } from "node:http";
import { gzipSync } from "node:zlib";
import { create, toBinary, toJsonString } from "@bufbuild/protobuf";
import { type Intake, startIntake } from "../../engine/usage/intake.ts";
import { VectorAssembler } from "../../engine/usage/mapping/assembler.ts";
import { Attribution } from "../../engine/usage/mapping/attribution.ts";
import { parseExposition } from "../../engine/usage/pull/exposition.ts";
import { snappyBlock } from "../../engine/usage/remote-write/snappy.fixture.ts";
import { writeRequest, writeRequest2 } from "../../engine/usage/remote-write/write.fixture.ts";
import { ExportMetricsServiceRequestSchema } from "../../model/otlp/generated/metrics_pb.ts";
import type { UsageVector } from "../../model/vector.ts";

const NOW = 1_800_000_000;
const PROTOBUF = "application/x-protobuf";
const STRANGE = [Number.NaN, -1, 0, -0, 1e308, Number.POSITIVE_INFINITY, 5e-324, 1.5];

/** Small numbers in a row that is always the same (Park and Miller's generator). */
function random(seed: number): (below: number) => number {
  let state = (seed % 2_147_483_646) + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

interface Body {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A request that is well but for its values, times and labels, in one of the ways there are. */
function wellFormed(next: (below: number) => number): Body {
  const pick = <One>(of: readonly One[]): One => of[next(of.length)];
  const at = NOW + pick([0, 0, -1, -10, 59, 3600, -86_400, -1e9]);
  const value = pick(STRANGE);
  const job = pick(["web", "web", "other", "", "x".repeat(600)]);
  const name = pick(["process_cpu_time", "process_memory_usage", "foreshadow.usage", "http_requests_total", "nothing"]);
  const way = next(4);
  if (way < 2) {
    const series = [{ labels: { __name__: name, job, pod: `p${next(50)}` }, samples: [[at, value] as const] }];
    const type = way === 0 ? PROTOBUF : `${PROTOBUF};proto=io.prometheus.write.v2.Request`;
    const headers = { "content-type": type, "content-encoding": "snappy" };
    return { path: "/api/v1/write", headers, body: snappyBlock((way === 0 ? writeRequest : writeRequest2)(series)) };
  }
  const attribute = (key: string, text: string) => ({
    key,
    value: { value: { case: "stringValue" as const, value: text } },
  });
  const nanoseconds = BigInt(Math.max(0, at)) * 1_000_000_000n;
  const point = {
    startTimeUnixNano: pick([0n, nanoseconds, nanoseconds > 1_000_000_000n ? nanoseconds - 1_000_000_000n : 0n]),
    timeUnixNano: nanoseconds,
    value: { case: "asDouble" as const, value },
    attributes: [attribute("foreshadow.metric", pick(["cpu", "luck"])), attribute("job", job)],
  };
  const kind = pick(["gauge", "sum"] as const);
  const message = create(ExportMetricsServiceRequestSchema, {
    resourceMetrics: [
      {
        resource: { attributes: [attribute("service.name", pick(["web", "", "../x"])), attribute("host.name", "h")] },
        scopeMetrics: [{ metrics: [{ name, data: { case: kind, value: { dataPoints: [point] } } }] }],
      },
    ],
  });
  if (way === 2)
    return {
      path: "/v1/metrics",
      headers: { "content-type": PROTOBUF },
      body: toBinary(ExportMetricsServiceRequestSchema, message),
    };
  const text = Buffer.from(toJsonString(ExportMetricsServiceRequestSchema, message));
  return { path: "/v1/metrics", headers: { "content-type": "application/json" }, body: text };
}

/** The same with bytes changed, cut, doubled or put in. */
function damaged(body: Uint8Array, next: (below: number) => number): Uint8Array {
  let bytes = Buffer.from(body);
  for (let i = next(4); i >= 0 && bytes.length > 0; i--) {
    const at = next(bytes.length);
    const way = next(4);
    if (way === 0) bytes[at] = next(256);
    else if (way === 1) bytes = bytes.subarray(0, at);
    else if (way === 2)
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([next(256), next(256)]), bytes.subarray(at)]);
    else bytes = Buffer.concat([bytes, bytes.subarray(at)]);
  }
  return bytes;
}

/** An intake in this process, what it handed on, and one keep-alive connection to it. */
export async function hostileIntake() {
  const attribution = new Attribution([{ name: "web", labels: { job: "web" }, signals: [] }]);
  const assembler = new VectorAssembler({ attribution, series: 500 });
  const vectors: UsageVector[] = [];
  const intake: Intake = await startIntake({
    listen: "127.0.0.1:0",
    sink: { accept: (received) => void vectors.push(...received) },
    workloads: new Set(["web"]),
    assembler,
    names: attribution.names,
    now: () => NOW,
    patience: { head: 1000, request: 2000 },
  });
  return { intake, vectors, names: attribution.names, assembler };
}

/** @returns status and text of the answer */
export function post(port: number, { path, headers, body }: Body): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = requestHttp({
      host: "127.0.0.1",
      port,
      path,
      method: "POST",
      headers: { ...headers, "content-length": body.length },
    });
    request.on("error", reject);
    request.on("response", (response) => {
      let text = "";
      response.on("data", (part) => {
        text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.end(body);
  });
}

/**
 * Sends so many bodies, most of them damaged, and looks at what comes of them: an answer that is a success or says what is wrong, and never
 * a vector with a number that cannot be. Text goes to the reader of pages.
 */
export async function fuzz(bodies: number, seed: number): Promise<void> {
  const next = random(seed);
  const { intake, vectors, names, assembler } = await hostileIntake();
  try {
    for (let sent = 0; sent < bodies; sent++) {
      const well = wellFormed(next);
      let { body, headers } = well;
      const fate = next(8);
      if (fate > 1) body = damaged(body, next);
      if (fate === 2 && well.path === "/v1/metrics") {
        body = damaged(gzipSync(body), next);
        headers = { ...headers, "content-encoding": "gzip" };
      }
      const { status, text } = await post(intake.port, { ...well, headers, body });
      assert.ok([200, 204, 400, 413, 415].includes(status), `${status} ${text} of body ${sent}, seed ${seed}`);
      assert.ok(status < 300 || text.length > 0, "a refusal says what is wrong");
      if (fate === 3) {
        const page = damaged(
          Buffer.from(`process_cpu_time{job="web",x="\\"y"} ${next(9)} ${NOW}000\nprocess_memory_usage 1\n`),
          next,
        );
        assembler.take(
          parseExposition(Buffer.from(page).toString("utf8"), names, next(2) === 0, NOW).samples,
          "page",
          NOW,
        );
      }
    }
    for (const vector of [...vectors, ...assembler.due(NOW + 10, 0)])
      for (const value of [vector.interval, vector.at, ...Object.values(vector.usage), ...Object.values(vector.demand)])
        assert.ok(value >= 0 && Number.isFinite(value), JSON.stringify(vector));
    assert.ok(assembler.series <= 1500, "series are bounded by sender");
  } finally {
    await intake.close();
  }
}
