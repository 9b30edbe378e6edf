import assert from "node:assert/strict";
import { test } from "node:test";
import { imageReference } from "./image-reference.ts";

test("an image is named by all its parts, with a version of its own", () => {
  assert.deepEqual(imageReference("Canonical:ubuntu-24_04-lts:server:24.04.1"), {
    publisher: "Canonical",
    offer: "ubuntu-24_04-lts",
    sku: "server",
    version: "24.04.1",
  });
  for (const text of ["Canonical:ubuntu", "a:b:c:latest", "a:b:c:d:e", "a::c:d"])
    assert.throws(() => imageReference(text), /expected PUBLISHER:OFFER:SKU:VERSION/);
});
