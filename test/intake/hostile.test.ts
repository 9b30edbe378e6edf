import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { fuzz, hostileIntake, post } from "./hostile-bodies.ts";

const EMPTY = { path: "/v1/metrics", headers: { "content-type": "application/x-protobuf" }, body: Buffer.alloc(0) };

test("two thousand damaged bodies are taken or refused with a reason, and nothing else", async () => {
  await fuzz(2000, 1);
});

test("a thousand connections that send slowly or nothing keep nobody out, and are let go", async () => {
  const { intake } = await hostileIntake();
  const sockets: Socket[] = [];
  try {
    let closed = 0;
    for (let i = 0; i < 1000; i++) {
      const socket = connect(intake.port, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.resume();
      socket.once("close", () => closed++);
      if (i % 3 > 0) socket.write("POST /v1/metrics HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n");
      if (i % 3 > 1) socket.write("content-length: 1000\r\n\r\nslow");
      sockets.push(socket);
    }
    while (intake.figures().requests < 300) await new Promise((resolve) => setTimeout(resolve, 20));
    for (let i = 0; i < 20; i++) assert.equal((await post(intake.port, EMPTY)).status, 200);
    while (closed < 1000) await new Promise((resolve) => setTimeout(resolve, 50));
  } finally {
    for (const socket of sockets) socket.destroy();
    await intake.close();
  }
});

test("bombs are refused one after another while others are served, in bounded memory", async () => {
  const { intake } = await hostileIntake();
  try {
    const zeros = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const claim = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]);
    const before = process.memoryUsage().rss;
    const gzip = { ...EMPTY, headers: { ...EMPTY.headers, "content-encoding": "gzip" }, body: zeros };
    const snappy = { path: "/api/v1/write", headers: { ...EMPTY.headers, "content-encoding": "snappy" }, body: claim };
    const bombs = Array.from({ length: 60 }, (_, i) => post(intake.port, i % 2 === 0 ? gzip : snappy));
    const good = Array.from({ length: 20 }, () => post(intake.port, EMPTY));
    assert.deepEqual(new Set((await Promise.all(bombs)).map(({ status }) => status)), new Set([413]));
    assert.deepEqual(new Set((await Promise.all(good)).map(({ status }) => status)), new Set([200]));
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < 300 * 1024 * 1024, `${grown} bytes more`);
  } finally {
    await intake.close();
  }
});
