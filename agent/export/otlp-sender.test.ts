import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { Receiver } from "../../model/otlp/receiver.ts";
import { DiskBuffer } from "./disk-buffer.ts";
import { OtlpSender } from "./otlp-sender.ts";

let server: Server;
let sender: OtlpSender;
let status: number;
let headers: Record<string, string>;
let bodies: string[];
let log: string[];

beforeEach(async () => {
  status = 200;
  headers = {};
  bodies = [];
  log = [];
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (status === 200) bodies.push(Buffer.concat(parts).toString());
    response.writeHead(status, headers).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  sender = create();
});
afterEach(() => {
  sender.close();
  server.close();
  server.closeAllConnections();
});

function create(disk?: DiskBuffer): OtlpSender {
  const { port } = server.address() as AddressInfo;
  const receiver = new Receiver({ url: `http://127.0.0.1:${port}/`, signal: "metrics" });
  return new OtlpSender({ receiver, most: 4, disk, log: (line) => log.push(line), random: () => 1 });
}

async function send(text: string, now: number): Promise<void> {
  sender.send(Buffer.from(text), 1, now);
  await sender.flush(now);
}

test("what the receiver could not take is sent later, in order, with what came since", async () => {
  status = 503;
  await send("a", 0);
  await send("b", 1);
  assert.equal(sender.waiting, 2);
  status = 200;
  await send("c", 2);
  assert.deepEqual(bodies, ["abc"]);
  assert.deepEqual([sender.waiting, sender.delivered, sender.dropped], [0, 3, 0]);
  assert.equal(log.length, 2, "it says once that it is down and once that it is back");
});

test("beyond the bound the oldest are dropped and counted", async () => {
  status = 503;
  for (const [i, text] of [..."abcdef"].entries()) await send(text, i);
  assert.deepEqual([sender.waiting, sender.dropped], [4, 2]);
  status = 200;
  await sender.flush(10);
  assert.deepEqual(bodies, ["cdef"]);
});

test("a receiver that is not there is as one that is busy", async () => {
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  await send("a", 0);
  assert.equal(sender.waiting, 1);
  assert.match(log[0], /ECONNREFUSED/);
  server.listen(port, "127.0.0.1");
  await send("b", 1);
  assert.deepEqual(bodies, ["ab"]);
});

test("what is refused for good is not sent again", async () => {
  status = 400;
  await send("a", 0);
  assert.deepEqual([sender.waiting, sender.dropped], [0, 1]);
  status = 200;
  await send("b", 1);
  assert.deepEqual(bodies, ["b"]);
});

test("a token that is refused may be replaced: nothing is lost meanwhile", async () => {
  status = 401;
  await send("a", 0);
  status = 200;
  await send("b", 1);
  assert.deepEqual(bodies, ["ab"]);
});

test("after a failure it waits before it tries again", async () => {
  status = 503;
  await send("a", 10);
  status = 200;
  sender.send(Buffer.from("b"), 1, 10.5);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.deepEqual(bodies, []);
  sender.send(Buffer.from("c"), 1, 11.1);
  await sender.flush(11.1);
  assert.deepEqual(bodies, ["abc"]);
});

test("it comes back no sooner than the receiver asks", async () => {
  status = 429;
  headers = { "retry-after": "20" };
  await send("a", 0);
  status = 200;
  sender.send(Buffer.from("b"), 1, 19.9);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.deepEqual(bodies, []);
  sender.send(Buffer.from("c"), 1, 22.1);
  await sender.flush(22.1);
  assert.deepEqual(bodies, ["abc"]);
});

test("with a directory more is kept than memory holds, also over a restart, and comes in order", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "foreshadow-sender-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  sender = create(new DiskBuffer(directory, 1e7));
  status = 503;
  for (const [i, text] of [..."abcdefgh"].entries()) await send(text, i);
  assert.deepEqual([sender.waiting, sender.dropped], [8, 0]);
  sender.close();
  sender = create(new DiskBuffer(directory, 1e7));
  assert.equal(sender.waiting, 8);
  await send("i", 0);
  assert.equal(sender.waiting, 9);
  status = 200;
  await send("j", 30);
  assert.equal(bodies.join(""), "abcdefghij");
  assert.deepEqual([sender.waiting, sender.delivered, sender.dropped], [0, 10, 0]);
});

test("an agent that ends before the first answer leaves what it has on disk", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "foreshadow-sender-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  sender = create(new DiskBuffer(directory, 1e7));
  status = 503;
  await send("a", 0);
  sender.close();
  assert.equal(new DiskBuffer(directory, 1e7).vectors, 1);
});

test("what leaves the host is compressed where that saves something", async () => {
  const { port } = server.address() as AddressInfo;
  server.close();
  server.closeAllConnections();
  const encodings: (string | undefined)[] = [];
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const encoding = request.headers["content-encoding"];
    encodings.push(encoding);
    const body = Buffer.concat(parts);
    bodies.push((encoding === "gzip" ? gunzipSync(body) : body).toString());
    response.end();
  });
  await new Promise<void>((resolve) => void server.listen(port, "0.0.0.0", resolve));
  // An address that is not loopback's, though it comes here.
  const receiver = new Receiver({ url: `http://0.0.0.0:${port}`, signal: "metrics" });
  const long = "vector ".repeat(1000);
  for (const text of ["short", long]) assert.equal((await receiver.deliver(Buffer.from(text))).outcome, "taken");
  assert.deepEqual(
    [encodings, bodies],
    [
      [undefined, "gzip"],
      ["short", long],
    ],
  );
  receiver.close();
});

test("an endpoint that is no URL of http is refused", () => {
  for (const url of ["127.0.0.1:4318", "ftp://collector", "nonsense"])
    assert.throws(() => new Receiver({ url, signal: "metrics" }), TypeError);
});
