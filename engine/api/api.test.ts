import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { getRequestListener } from "@hono/node-server";
import { recordingEngine } from "./api.fixture.ts";
import type { ApiEngine } from "./api-engine.port.ts";
import { createApp } from "./app.ts";
import { connectEngine } from "./client.ts";
import { type EngineEvent, NotFound, Refused } from "./engine-control.port.ts";
import { socketPath } from "./socket-path.ts";
import { serveOnSocket } from "./socket-server.ts";

const store = mkdtempSync(join(tmpdir(), "foreshadow-api-"));
after(() => rmSync(store, { recursive: true, force: true }));

function serveApi(engine: ApiEngine, on: string) {
  const records = { verifyLedger: () => Promise.reject(new Error("unused")), settings: async () => [] };
  return serveOnSocket(getRequestListener(createApp({ engine, records }).fetch, { overrideGlobalObjects: false }), on);
}

test("a client of the socket asks and tells the engine as if it were the engine", async (t) => {
  const engine = recordingEngine();
  const server = await serveApi(engine, store);
  t.after(() => server.close());
  const client = await connectEngine(store);
  assert.ok(client);
  assert.equal(statSync(server.path).mode & 0o777, 0o600);
  await client.forecast("web");
  await client.changesets();
  await client.rollback("cs/1", "ann");
  await client.apply("cs/1");
  await client.envelopes();
  await client.approveEnvelope("envelope-dev", "ann");
  await client.rejectEnvelope("envelope-dev", "ann");
  await client.freeze({ workload: "*", all: true, by: "ann" });
  await client.pin({ workload: "web", min: 4, until: 1e9, by: "ann" });
  await client.quarantine({ workload: "web", from: 1, to: 2, reason: "load test", by: "ann" });
  await client.undoQuarantine("q/1", "ann");
  await client.quarantines("web");
  await client.report({ from: 0, to: 86_400 });
  await client.backfill({ workloads: ["web"], from: 60, by: "ann" });
  await client.backfills();
  await client.reject("cs/1", "Zoë O’Hara");
  assert.deepEqual(engine.calls, [
    ["forecast", "web"],
    ["changesets", undefined],
    ["rollback", "cs/1", "ann"],
    ["apply", "cs/1"],
    ["envelopes"],
    ["approveEnvelope", "envelope-dev", "ann"],
    ["rejectEnvelope", "envelope-dev", "ann"],
    ["freeze", { workload: "*", all: true, by: "ann" }],
    ["pin", { workload: "web", min: 4, until: 1e9, by: "ann" }],
    ["quarantine", { workload: "web", from: 1, to: 2, reason: "load test", by: "ann" }],
    ["undoQuarantine", "q/1", "ann"],
    ["quarantines", "web"],
    ["report", { from: 0, to: 86_400 }],
    ["backfill", { workloads: ["web"], from: 60, by: "ann" }],
    ["backfills"],
    ["reject", "cs/1", "Zoë O’Hara"],
  ]);
  await assert.rejects(client.changeset("unknown"), NotFound);
  await assert.rejects(client.approve("applying", "ann"), Refused);
  await assert.rejects(client.report({ from: 10, to: 5 }), /after `from`/);
  await assert.rejects(client.pin({ workload: "web", min: -1, until: 1e9, by: "ann" }), /min/);
  await server.close();
  assert.equal(await connectEngine(store), undefined);
});

test("a follower hears what happens until it stops listening", async (t) => {
  const engine = recordingEngine();
  const server = await serveApi(engine, store);
  t.after(() => server.close());
  const client = await connectEngine(store);
  assert.ok(client);
  const stop = new AbortController();
  const heard = await new Promise<EngineEvent>((resolve, reject) => {
    client.follow(resolve, stop.signal).catch(reject);
    const beat = setInterval(() => engine.emit({ type: "alert", text: "lock waited for", at: 5 }), 5);
    stop.signal.addEventListener("abort", () => clearInterval(beat));
  });
  stop.abort();
  assert.deepEqual(heard, { type: "alert", text: "lock waited for", at: 5 });
});

test("a follower hears what it asked for, and of the engine as a whole", async (t) => {
  const engine = recordingEngine();
  const server = await serveApi(engine, store);
  t.after(() => server.close());
  const client = await connectEngine(store);
  assert.ok(client);
  const stop = new AbortController();
  const heard: string[] = [];
  const following = client.follow((event) => heard.push("text" in event ? event.text : event.type), stop.signal, {
    types: ["alert", "note"],
    workload: "web",
  });
  const emit = () => {
    engine.emit({ type: "tick", workload: { name: "web" } as never });
    engine.emit({ type: "alert", text: "of another", workload: "api", at: 5 });
    engine.emit({ type: "note", text: "of web", workload: "web", at: 5 });
    engine.emit({ type: "alert", text: "of all", at: 5 });
  };
  while (heard.length === 0) {
    emit();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  stop.abort();
  await following;
  assert.deepEqual(new Set(heard), new Set(["of web", "of all"]));
});

test("a body without a length is bounded as one with it", async (t) => {
  const engine = recordingEngine();
  const server = await serveApi(engine, store);
  t.after(() => server.close());
  const post = (pieces: readonly string[]) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const options = {
        socketPath: server.path,
        method: "POST",
        path: "/api/v1/freeze",
        headers: { host: "localhost" },
      };
      const outgoing = request(options, async (response) => {
        let text = "";
        for await (const part of response) text += part;
        resolve({ status: response.statusCode!, text });
      });
      outgoing.on("error", reject);
      // Node sends what has no length in chunks.
      for (const piece of pieces) outgoing.write(piece);
      outgoing.end();
    });
  const small = await post(['{"workload":', '"web"}']);
  assert.deepEqual(
    [small.status, engine.calls.at(-1)],
    [200, ["freeze", { workload: "web", all: false, by: "socket" }]],
  );
  const large = await post([
    '{"workload":"web","reason":"',
    ..."x"
      .repeat(9)
      .split("")
      .map((x) => x.repeat(8192)),
    '"}',
  ]);
  assert.deepEqual([large.status, JSON.parse(large.text).code], [413, "too-large"]);
  assert.equal(engine.calls.length, 1);
});

test("a second engine on a store is refused, and the socket of a killed one is taken over", async () => {
  const server = await serveApi(recordingEngine(), store);
  await assert.rejects(serveApi(recordingEngine(), store), /another engine answers/);
  await server.close();
  writeFileSync(socketPath(store).path, "");
  await (await serveApi(recordingEngine(), store)).close();
});

test("a store with a long path is served from a short one", () => {
  const { path } = socketPath(`/${"a".repeat(200)}`);
  assert.ok(path.length < 107);
});
