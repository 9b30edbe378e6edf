import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import type { TLSSocket } from "node:tls";
import { gunzipSync } from "node:zlib";
import { DiskBuffer } from "../../agent/export/disk-buffer.ts";
import { OtlpSender } from "../../agent/export/otlp-sender.ts";
import { readSecret } from "../../model/connection/secret.ts";
import { readTlsFiles } from "../../model/connection/tls-files.ts";
import { Receiver } from "../../model/otlp/receiver.ts";
import { Authority, type Certificate } from "./certificates.ts";

let authority: Authority;
let stranger: Authority;
let client: Certificate;
before(() => {
  authority = new Authority();
  stranger = new Authority("somebody else");
  client = authority.issue("agent");
});
after(() => {
  authority.remove();
  stranger.remove();
});

interface Taken {
  readonly text: string;
  readonly token: string | undefined;
  readonly encoding: string | undefined;
  readonly client: string | undefined;
}

let directory: string;
let server: Server | undefined;
let taken: Taken[];
let log: string[];
let clock: number;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "foreshadow-tls-"));
  writeFileSync(join(directory, "token"), "one\n", { mode: 0o600 });
  copyFileSync(authority.certificate, join(directory, "ca.pem"));
  taken = [];
  log = [];
  clock = 0;
});
afterEach(async () => {
  await stop();
  rmSync(directory, { recursive: true, force: true });
});

/** A receiver that wants clients with a certificate of the authority, and the token. @returns its port */
async function serve(port = 0, { certificate, key } = authority.issue("engine"), token = "one"): Promise<number> {
  const options = {
    cert: readFileSync(certificate),
    key: readFileSync(key),
    ca: readFileSync(authority.certificate),
    requestCert: true,
    rejectUnauthorized: true,
  };
  const started = createServer(options, async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (request.headers.authorization !== `Bearer ${token}`) return void response.writeHead(401).end();
    const encoding = request.headers["content-encoding"];
    const body = Buffer.concat(parts);
    taken.push({
      text: (encoding === "gzip" ? gunzipSync(body) : body).toString(),
      token: request.headers.authorization,
      encoding,
      client: (request.socket as TLSSocket).getPeerCertificate().subject?.CN?.toString(),
    });
    response.writeHead(200).end();
  });
  server = started;
  await new Promise<void>((resolve) => void started.listen(port, "127.0.0.1", resolve));
  return (started.address() as AddressInfo).port;
}

async function stop(): Promise<void> {
  const stopped = server;
  server = undefined;
  if (stopped === undefined) return;
  stopped.closeAllConnections();
  await new Promise((resolve) => stopped.close(resolve));
}

function sender(port: number, files: Partial<Certificate> & { ca?: string } = { ca: "ca.pem", ...client }): OtlpSender {
  const receiver = new Receiver({
    signal: "metrics",
    url: `https://127.0.0.1:${port}`,
    token: () => readSecret({ file: "token" }, "agent.send.token", directory, {}),
    tls: () => readTlsFiles(files, "agent.send", directory),
  });
  const disk = new DiskBuffer(join(directory, "buffer"), 1e8);
  return new OtlpSender({ receiver, most: 10, disk, log: (line) => log.push(line), random: () => 1 });
}

async function send(to: OtlpSender, text: string): Promise<void> {
  clock += 100;
  to.send(Buffer.from(text), 1, clock);
  await to.flush(clock);
}

test("vectors go by mutual TLS with the token, and no other way", async () => {
  const own = sender(await serve());
  await send(own, "a");
  assert.deepEqual(taken, [{ text: "a", token: "Bearer one", encoding: undefined, client: "agent" }]);
  own.close();
});

test("a receiver that goes away and comes back with another certificate gets everything, in order", async () => {
  const port = await serve();
  const own = sender(port);
  await send(own, "a");
  await stop();
  for (const text of "bcd") await send(own, text);
  assert.equal(own.waiting, 3);
  await serve(port);
  await send(own, "e");
  assert.equal(taken.map(({ text }) => text).join(""), "abcde");
  assert.deepEqual([own.waiting, own.dropped], [0, 0]);
  own.close();
});

test("an agent that is started anew while the receiver is away delivers what the former one had", async () => {
  const port = await serve();
  await stop();
  const former = sender(port);
  for (const text of "ab") await send(former, text);
  former.close();
  const own = sender(port);
  await send(own, "c");
  await serve(port);
  await send(own, "d");
  assert.equal(taken.map(({ text }) => text).join(""), "abcd");
  own.close();
});

test("a receiver of another authority gets nothing, neither vectors nor the token, and the reason is told", async () => {
  const own = sender(await serve(0, stranger.issue("engine")));
  await send(own, "a");
  assert.deepEqual(taken, []);
  assert.equal(own.waiting, 1);
  assert.match(log[0], /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED|unable to verify/i);
  own.close();
});

test("an agent without a certificate is not let in; given one, it needs no restart", async () => {
  const port = await serve();
  const files: { -readonly [key in keyof Certificate]?: string } & { ca: string } = { ca: "ca.pem" };
  const own = sender(port, files);
  await send(own, "a");
  assert.deepEqual([taken, own.waiting], [[], 1]);
  Object.assign(files, client);
  await send(own, "b");
  assert.equal(taken.map(({ text }) => text).join(""), "ab");
  own.close();
});

test("a token that was replaced is taken up at the first refusal of the old one", async () => {
  const own = sender(await serve(0, authority.issue("engine"), "two"));
  await send(own, "a");
  assert.deepEqual([taken, own.waiting], [[], 1]);
  assert.match(log[0], /401/);
  writeFileSync(join(directory, "token"), "two\n");
  await send(own, "b");
  assert.equal(taken.map(({ text }) => text).join(""), "ab");
  assert.ok(!log.some((line) => line.includes("two")), "no token in the log");
  own.close();
});
