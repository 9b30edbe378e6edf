import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import { OtlpSender } from "./otlp-sender.ts";

let server: Server;
let sender: OtlpSender;
let status: number;
let bodies: string[];
let log: string[];

beforeEach(async () => {
  status = 200;
  bodies = [];
  log = [];
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (status === 200) bodies.push(Buffer.concat(parts).toString());
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  sender = new OtlpSender(`http://127.0.0.1:${port}/`, 4, (line) => log.push(line));
});
afterEach(() => {
  sender.close();
  server.close();
  server.closeAllConnections();
});

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

test("an endpoint that is no http URL is refused", () => {
  for (const endpoint of ["127.0.0.1:4318", "https://collector", "nonsense"])
    assert.throws(() => new OtlpSender(endpoint, 4, () => {}), TypeError);
});
