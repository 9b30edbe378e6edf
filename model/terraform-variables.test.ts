import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCapacity } from "./capacity.ts";
import { InputError } from "./input-error.ts";
import { parseInstant } from "./instant.ts";
import { terraformVariables } from "./terraform-variables.ts";

const TEXT = `# ours
version: 1
web:
  owns: floor
  replicas: { floor: 2, ceiling: 10 }
  plan:
    - { at: 2026-11-24T08:00Z, floor: 5 }
    - { at: 2026-11-24T09:15:30Z, floor: 2 }
  perReplica: { instance: m7i.large, memory: 8GiB }
  storage: { size: 100GiB, throughput: 125MiB/s }
batch:
  owns: desired
  replicas: { count: 3 }
  perReplica: { cpu: 0.5 }
`;

test("the variables say what the file says, in base units, and what it does not say is not there", () => {
  const { capacity } = JSON.parse(terraformVariables(TEXT, "dev.yaml"));
  assert.deepEqual(capacity, {
    batch: {
      owns: "desired",
      replicas: { floor: 3, ceiling: 3 },
      plan: [],
      perReplica: { cpu: 0.5 },
      storage: {},
      network: {},
    },
    web: {
      owns: "floor",
      replicas: { floor: 2, ceiling: 10 },
      plan: [
        { at: "2026-11-24T08:00:00Z", floor: 5 },
        { at: "2026-11-24T09:15:30Z", floor: 2 },
      ],
      perReplica: { memory: 8 * 1024 ** 3, instance: "m7i.large" },
      storage: { size: 100 * 1024 ** 3, throughput: 125 * 1024 ** 2 },
      network: {},
    },
  });
  for (const { at, floor } of capacity.web.plan)
    assert.ok(
      parseCapacity(TEXT, "dev.yaml")
        .get("web")!
        .plan.some((step) => step.at === parseInstant(at) && step.floor === floor),
    );
});

test("order and comments of the file change nothing", () => {
  const [head, web, batch] = TEXT.split(/^(?=web:|batch:)/m);
  assert.equal(terraformVariables(`${head}${batch}# theirs\n${web}`, "dev.yaml"), terraformVariables(TEXT, "dev.yaml"));
});

test("what is no capacity file is refused", () => {
  assert.throws(() => terraformVariables("web: 3\n", "dev.yaml"), InputError);
});
