import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { recordingEngine } from "./api.fixture.ts";
import { createApp } from "./app.ts";
import { OPERATIONS } from "./operations/index.ts";

function setUp() {
  const engine = recordingEngine();
  const records = { verifyLedger: () => Promise.reject(new Error("git is gone")), settings: async () => [] };
  const app = createApp({ engine, records });
  const ask = async (method: string, path: string, headers: Record<string, string> = {}, body?: string) => {
    const response = await app.request(path, { method, headers, body });
    const text = await response.text();
    return {
      status: response.status,
      text,
      headers: response.headers,
      json: text.startsWith("{") ? JSON.parse(text) : {},
    };
  };
  return { engine, ask };
}

test("what goes wrong is told as a problem, with a code for programs", async () => {
  const { ask } = setUp();
  const seen = async (...request: Parameters<typeof ask>) => {
    const { status, json } = await ask(...request);
    return [status, json.code];
  };
  assert.deepEqual(await seen("GET", "/api/v1/changesets/unknown"), [404, "not-found"]);
  assert.deepEqual(await seen("POST", "/api/v1/changesets/applying/reject"), [409, "refused"]);
  assert.deepEqual(await seen("GET", "/api/v1/nothing"), [404, "no-operation"]);
  assert.deepEqual(await seen("GET", "/api/v1/workloads?limit=5000"), [422, "wrong-query"]);
  assert.deepEqual(await seen("GET", "/api/v1/report?from=10&to=5"), [422, "wrong-query"]);
  assert.deepEqual(await seen("POST", "/api/v1/pin", {}, '{"workload":"web","min":-1,"until":5}'), [422, "wrong-body"]);
  assert.deepEqual(await seen("POST", "/api/v1/freeze", {}, "{"), [400, "no-json"]);
  assert.deepEqual(await seen("POST", "/api/v1/freeze", {}, `"${"x".repeat(70_000)}"`), [413, "too-large"]);
  assert.deepEqual(await seen("GET", "/api/v1/ledger/verification"), [500, "failed"]);
});

test("what has not changed is not sent again", async () => {
  const { ask } = setUp();
  const { headers, status } = await ask("GET", "/api/v1/holds");
  assert.equal(status, 200);
  const again = await ask("GET", "/api/v1/holds", { "if-none-match": headers.get("etag") ?? "" });
  assert.deepEqual([again.status, again.text], [304, ""]);
});

test("a write that is sent again with its key is done once", async () => {
  const { engine, ask } = setUp();
  const freeze = (key: string, workload: string) =>
    ask("POST", "/api/v1/freeze", { "idempotency-key": key }, JSON.stringify({ workload }));
  const [first, second] = [await freeze("k1", "web"), await freeze("k1", "web")];
  assert.deepEqual([first.status, first.text], [second.status, second.text]);
  assert.equal(engine.calls.length, 1);
  assert.equal((await freeze("k1", "shop")).json.code, "key-reused");
  await freeze("k2", "web");
  assert.equal(engine.calls.length, 2);
  assert.equal((await freeze("k".repeat(256), "web")).json.code, "wrong-key");
});

test("the OpenAPI document tells every operation, and its schemas stand", async () => {
  const { ask } = setUp();
  const { json } = await ask("GET", "/api/v1/openapi.json");
  assert.equal(json.openapi, "3.1.1");
  const told = Object.entries(json.paths as Record<string, Record<string, { operationId: string }>>).flatMap(
    ([path, methods]) => Object.entries(methods).map(([method, { operationId }]) => `${operationId} ${method} ${path}`),
  );
  assert.deepEqual(
    told.sort(),
    OPERATIONS.map(({ id, method, path }) => `${id} ${method.toLowerCase()} /api/v1${path}`).sort(),
  );
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: "document", ...json });
  const references = [...JSON.stringify(json).matchAll(/"\$ref":"(#[^"]+)"/g)].map(([, reference]) => reference);
  assert.ok(references.length > OPERATIONS.length);
  for (const reference of new Set(references)) ajv.compile({ $ref: `document${reference}` });
});
