import assert from "node:assert/strict";
import { test } from "node:test";
import { href, loginCode, parseRoute } from "./route.ts";

test("a route survives its address, whatever is in a name", () => {
  for (const id of ["web", "a/b?c#d", "ä ö", "%2F"]) {
    const { page, id: back, query } = parseRoute(href("changesets", id, { hours: "6", empty: "" }));
    assert.deepEqual([page, back, query.get("hours"), query.has("empty")], ["changesets", id, "6", false]);
  }
  assert.equal(parseRoute("").page, "");
  assert.equal(parseRoute("#/").page, "");
  assert.equal(parseRoute("#/nowhere").page, "unknown");
  assert.equal(parseRoute("#/workloads/a/b").page, "unknown");
  assert.equal(parseRoute("#/workloads/%E0%A4%A").id, "%E0%A4%A");
});

test("a login link carries a code and nothing else", () => {
  assert.equal(loginCode("#login=AbC_-9"), "AbC_-9");
  for (const other of ["", "#/login=x", "#login=", "#login=a b", `#login=${"x".repeat(201)}`])
    assert.equal(loginCode(other), undefined);
});
