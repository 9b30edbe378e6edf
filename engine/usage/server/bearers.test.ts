import assert from "node:assert/strict";
import { test } from "node:test";
import { startIntake } from "../intake.ts";
import type { Bearers } from "./bearers.port.ts";

const bearers: Bearers = {
  check: (token, scope) => (token === scope ? "ok" : token === "agent" || token === "read" ? "other" : "unknown"),
};

test("who has no token is not let in, nor who has another's", async (t) => {
  const sink = { accept: () => undefined };
  const intake = await startIntake({ listen: "127.0.0.1:0", sink, bearers, metrics: async () => "page" });
  t.after(() => intake.close());
  const ask = async (path: string, authorization?: string) => {
    const method = path === "/metrics" ? "GET" : "POST";
    const headers = { "content-type": "application/x-protobuf", ...(authorization && { authorization }) };
    return (await fetch(`http://127.0.0.1:${intake.port}${path}`, { method, headers })).status;
  };
  assert.equal(await ask("/v1/metrics", "Bearer agent"), 200);
  for (const wrong of [undefined, "Bearer", "Bearer none", "Basic agent", "Bearer agent two"])
    assert.equal(await ask("/v1/metrics", wrong), 401, wrong);
  assert.equal(await ask("/v1/metrics", "Bearer read"), 403);
  assert.equal(await ask("/metrics", "bearer read"), 200);
  assert.equal(await ask("/metrics", "Bearer agent"), 403);
  assert.equal(await ask("/api/v1/write"), 401);
});
