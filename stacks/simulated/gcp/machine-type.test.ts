import assert from "node:assert/strict";
import { test } from "node:test";
import { vcpus } from "./machine-type.ts";

test("a machine type tells its vCPUs", () => {
  const types = {
    "c4-standard-2": 2,
    "c4-standard-48": 48,
    "n2-custom-4-16384": 4,
    "custom-6-20480": 6,
    "e2-medium": 2,
    "c4-standard-16-lssd": 16,
  };
  for (const [type, count] of Object.entries(types)) assert.equal(vcpus(type), count, type);
  for (const type of ["m7i.large", "c4-standard", "c4-standard-0", ""])
    assert.throws(() => vcpus(type), /does not exist/);
});
