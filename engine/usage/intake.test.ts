import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { InputError } from "../../model/input-error.ts";
import { ListenError } from "../../model/listen-address.ts";
import {
  ExportMetricsServiceRequestSchema,
  ExportMetricsServiceResponseSchema,
  type NumberDataPointSchema,
  StatusSchema,
} from "../../model/otlp/generated/metrics_pb.ts";
import type { UsageVector } from "../../model/vector.ts";
import { type Intake, startIntake } from "./intake.ts";

const NOW = 1_795_491_620;
const MEMORY = 8 * 1024 * 1024;

let intake: Intake;
let vectors: UsageVector[];
beforeEach(async () => {
  vectors = [];
  const sink = { accept: (received: readonly UsageVector[]) => void vectors.push(...received) };
  intake = await startIntake({ listen: "127.0.0.1:0", sink, now: () => NOW, memory: MEMORY });
});
afterEach(() => intake.close());

type Point = MessageInitShape<typeof NumberDataPointSchema>;

function point(value: number, attributes: Record<string, string> = { "foreshadow.metric": "cpu" }, at = NOW): Point {
  return {
    startTimeUnixNano: BigInt(at - 1) * 1_000_000_000n,
    timeUnixNano: BigInt(at) * 1_000_000_000n,
    value: { case: "asDouble", value },
    attributes: attributesOf(attributes),
  };
}

function attributesOf(attributes: Record<string, string>) {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: { value: { case: "stringValue" as const, value } },
  }));
}

function request(metrics: Record<string, readonly Point[]>, resource: Record<string, string> = WEB): Uint8Array {
  const message = create(ExportMetricsServiceRequestSchema, {
    resourceMetrics: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeMetrics: [
          {
            metrics: Object.entries(metrics).map(([name, dataPoints]) => ({
              name,
              data: { case: "gauge" as const, value: { dataPoints: [...dataPoints] } },
            })),
          },
        ],
      },
    ],
  });
  return toBinary(ExportMetricsServiceRequestSchema, message);
}

const WEB = { "service.name": "web", "host.name": "h1" };

async function post(body: Uint8Array, headers: Record<string, string> = {}) {
  const response = await fetch(`http://127.0.0.1:${intake.port}/v1/metrics`, {
    method: "POST",
    body: Buffer.from(body),
    headers: { "content-type": "application/x-protobuf", ...headers },
  });
  return { status: response.status, headers: response.headers, answer: new Uint8Array(await response.arrayBuffer()) };
}

async function rejected(body: Uint8Array): Promise<{ count: number; message: string }> {
  const { status, answer } = await post(body);
  assert.equal(status, 200);
  const { partialSuccess } = fromBinary(ExportMetricsServiceResponseSchema, answer);
  return { count: Number(partialSuccess?.rejectedDataPoints ?? 0n), message: partialSuccess?.errorMessage ?? "" };
}

const refusal = (answer: Uint8Array) => fromBinary(StatusSchema, answer).message;

test("a plain and a gzip body are taken, with an empty answer", async () => {
  const body = request({ "foreshadow.usage": [point(0.5)], "foreshadow.replicas": [point(3, {})] });
  for (const { status, answer, headers } of [
    await post(body),
    await post(gzipSync(body), { "content-encoding": "gzip" }),
  ]) {
    assert.equal(status, 200);
    assert.equal(headers.get("content-type"), "application/x-protobuf");
    assert.equal(answer.length, 0);
  }
  assert.equal(vectors.length, 2);
  const expected = { workload: "web", host: "h1", at: NOW, interval: 1, replicas: 3, usage: { cpu: 0.5 } };
  for (const vector of vectors) assert.deepEqual({ ...vector, ...expected }, vector);
});

const absurd: Record<string, Point> = {
  "a value that is no number": point(Number.NaN),
  "an infinite value": point(Number.POSITIVE_INFINITY),
  "a negative value": point(-0.001),
  "a million cores": point(1e6),
  "a time in the far future": point(1, { "foreshadow.metric": "cpu" }, NOW + 3600),
  "a time of long ago": point(1, { "foreshadow.metric": "cpu" }, NOW - 30 * 86_400),
  "a metric that there is not": point(1, { "foreshadow.metric": "luck" }),
  "no metric": point(1, {}),
  "no value": { ...point(1), value: { case: undefined } },
  "an interval of nothing": { ...point(1), startTimeUnixNano: BigInt(NOW) * 1_000_000_000n },
  "an interval that began before time": { ...point(1), startTimeUnixNano: 0n },
};
for (const [what, bad] of Object.entries(absurd))
  test(`${what} is refused and counted, what is good beside it is kept`, async () => {
    const good = point(0.25, { "foreshadow.metric": "memory" });
    const { count, message } = await rejected(request({ "foreshadow.usage": [bad, good] }));
    assert.equal(count, 1);
    assert.match(message, /^foreshadow\.usage: /);
    assert.deepEqual(
      vectors.map(({ usage }) => usage),
      [{ memory: 0.25 }],
    );
    assert.equal(intake.figures().rejectedPoints, 1);
  });

test("a resource without a workload's name or a host gives no vector", async () => {
  for (const resource of [
    { "host.name": "h" },
    { "service.name": "web" },
    { "service.name": "../x", "host.name": "h" },
  ])
    assert.equal((await rejected(request({ "foreshadow.usage": [point(1), point(1)] }, resource as never))).count, 2);
  assert.deepEqual(vectors, []);
});

test("metrics of other senders are passed over, not refused", async () => {
  assert.equal((await rejected(request({ "http.server.request.duration": [point(1)] }))).count, 0);
  assert.deepEqual(vectors, []);
});

test("demand that is below usage is raised to it", async () => {
  await post(request({ "foreshadow.usage": [point(2)], "foreshadow.demand": [point(1)] }));
  assert.equal(vectors[0].demand.cpu, 2);
});

test("what is no protobuf, no gzip or another type is refused with a reason", async () => {
  const cut = await post(request({ "foreshadow.usage": [point(1)] }).subarray(0, 20));
  assert.equal(cut.status, 400);
  assert.match(refusal(cut.answer), /ExportMetricsServiceRequest/);
  assert.equal((await post(Buffer.from("plain"), { "content-encoding": "gzip" })).status, 400);
  const text = await post(Buffer.from("{}"), { "content-type": "text/plain" });
  assert.equal(text.status, 415);
  assert.match(refusal(text.answer), /text\/plain/);
  assert.equal((await post(Buffer.alloc(1), { "content-encoding": "br" })).status, 415);
  assert.equal(intake.figures().refusedRequests, 4);
});

test("a body beyond the bound is refused, also one that only grows when decompressed", async () => {
  assert.equal((await post(Buffer.alloc(5 * 1024 * 1024))).status, 413);
  const bomb = gzipSync(Buffer.alloc(17 * 1024 * 1024));
  assert.equal((await post(bomb, { "content-encoding": "gzip" })).status, 413);
  assert.equal((await post(request({ "foreshadow.usage": [point(1)] }))).status, 200, "it goes on");
});

test("a body without a length is counted as it comes", async () => {
  const socket = connect(intake.port, "127.0.0.1");
  let answer = "";
  socket.on("data", (part) => {
    answer += part;
  });
  socket.on("error", () => undefined);
  socket.write(
    "POST /v1/metrics HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ntransfer-encoding: chunked\r\n\r\n",
  );
  const chunk = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(0x100000), Buffer.from("\r\n")]);
  for (let i = 0; i < 6; i++) socket.write(chunk);
  await new Promise((resolve) => socket.once("close", resolve));
  assert.match(answer, /^HTTP\/1\.1 413 /);
});

test("when too much is being received one is told to come back; who sends slowly keeps nobody out", async () => {
  const open = (bytes: number) => {
    const socket = connect(intake.port, "127.0.0.1");
    socket.write(
      `POST /v1/metrics HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${3 * 1024 * 1024}\r\n\r\n`,
    );
    socket.write(Buffer.alloc(bytes));
    return socket;
  };
  const slow = Array.from({ length: 100 }, () => open(10));
  while (intake.figures().requests < 100) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal((await post(request({ "foreshadow.usage": [point(1)] }))).status, 200);
  const large = Array.from({ length: 3 }, () => open(3 * 1024 * 1024 - 200_000));
  let refused: Awaited<ReturnType<typeof post>>;
  do refused = await post(Buffer.alloc(500_000));
  while (refused.status === 400);
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("retry-after"), "1");
  for (const socket of [...slow, ...large]) socket.destroy();
});

test("it says that it is there, and where metrics go", async () => {
  const get = (path: string) => fetch(`http://127.0.0.1:${intake.port}${path}`).then(({ status }) => status);
  assert.deepEqual(await Promise.all(["/healthz", "/v1/metrics", "/"].map(get)), [200, 405, 404]);
});

test("a port in use, and an address beyond loopback without TLS and tokens, are refused with what to do", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => void other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  const sink = { accept: () => undefined };
  await assert.rejects(startIntake({ listen: `127.0.0.1:${port}`, sink }), (error: Error) => {
    assert.ok(error instanceof ListenError);
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}.*in use.*another port`));
    return true;
  });
  other.close();
  await assert.rejects(startIntake({ listen: "0.0.0.0:4318", sink }), (error: Error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /intake\.tls and tokens/);
    return true;
  });
});

test("OTLP's JSON says the same, with numbers as text or not, and what is not known left out", async () => {
  const json = {
    resourceMetrics: [
      {
        resource: {
          attributes: [
            ["service.name", "web"],
            ["host.name", "h1"],
          ].map(([key, stringValue]) => ({ key, value: { stringValue } })),
        },
        scopeMetrics: [
          {
            metrics: [
              {
                name: "foreshadow.usage",
                description: "not read",
                gauge: {
                  dataPoints: [
                    {
                      startTimeUnixNano: `${NOW - 1}000000000`,
                      timeUnixNano: `${NOW}000000000`,
                      asDouble: 0.5,
                      attributes: [
                        { key: "foreshadow.metric", value: { stringValue: "cpu" } },
                        { key: "x", value: { arrayValue: {} } },
                      ],
                    },
                    { timeUnixNano: `${NOW}000000000`, asInt: "3" },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
  };
  const { status, headers, answer } = await post(Buffer.from(JSON.stringify(json)), {
    "content-type": "application/json",
  });
  assert.deepEqual([status, headers.get("content-type")], [200, "application/json"]);
  assert.equal(JSON.parse(Buffer.from(answer).toString()).partialSuccess.rejectedDataPoints, "1");
  assert.deepEqual(vectors[0].usage, { cpu: 0.5 });
  const wrong = await post(Buffer.from('{"resourceMetrics": 7}'), {
    "content-type": "application/json; charset=utf-8",
  });
  assert.equal(wrong.status, 400);
  assert.match(JSON.parse(Buffer.from(wrong.answer).toString()).message, /ExportMetricsServiceRequest/);
});

test("a request of a million empty messages is refused before they are made", async () => {
  // Data points of no content are two bytes each.
  const points = Buffer.alloc(1_000_000, Buffer.from([0x0a, 0x00]));
  const wrap = (tag: number, content: Buffer) => {
    const length: number[] = [];
    let rest = content.length;
    for (; rest > 127; rest >>= 7) length.push((rest & 127) | 128);
    return Buffer.concat([Buffer.from([tag, ...length, rest]), content]);
  };
  const body = wrap(0x0a, wrap(0x12, wrap(0x12, wrap(0x2a, points))));
  const { status, answer } = await post(body);
  assert.equal(status, 413);
  assert.match(refusal(answer), /more than 500000 messages/);
  const many = await post(Buffer.from(`[${"{},".repeat(600_000)}{}]`), { "content-type": "application/json" });
  assert.equal(many.status, 413);
});

test("a named signal is taken without a start time, as any gauge of an application comes", async () => {
  const signal = (name: string, value: number): Point => ({
    ...point(value, { "foreshadow.signal.name": name }),
    startTimeUnixNano: 0n,
  });
  const answer = await rejected(
    request({ "foreshadow.signal": [signal("latency", 0.25), signal("Not a name", 1), signal("backlog", -1)] }),
  );
  assert.equal(answer.count, 2);
  assert.deepEqual(vectors[0].signals, { latency: 0.25 });
  assert.equal(vectors[0].replicas, 0);
});
