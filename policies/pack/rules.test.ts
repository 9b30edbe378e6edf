import assert from "node:assert/strict";
import { test } from "node:test";
import type { PolicySubject } from "../../model/policy-subject.ts";
import {
  blastRadiusIsBounded,
  dataIsKept,
  dataIsNotDeleted,
  growthIsBounded,
  onlyItsWorkload,
  priceWithinBudget,
  replicasWithinBounds,
  tagsArePresent,
  typesAllowed,
} from "./rules.ts";

const urn = (type: string, name: string) => `urn:pulumi:dev::shop::${type}::${name}`;
const POOL = "local:index:WorkerPool";
const VOLUME = "aws:ebs/volume:Volume";

const subject = (over: Partial<PolicySubject> = {}): PolicySubject => ({
  workload: "web",
  replicas: { min: 2, max: 10 },
  bound: { own: [], others: [] },
  limits: { instances: [] },
  prices: { types: {} },
  requiredTags: [],
  deployed: [
    { urn: urn(POOL, "web"), type: POOL, inputs: { count: 3, key: "[secret]" } },
    { urn: urn(POOL, "api"), type: POOL, inputs: { count: 99 } },
    { urn: urn(VOLUME, "data"), type: VOLUME, inputs: { size: 20, type: "gp3", tags: { team: "shop" } } },
  ],
  ...over,
});
const resource = (type: string, name: string, inputs: Record<string, unknown>) => ({
  urn: urn(type, name),
  type,
  name,
  inputs,
});

test("numbers of replicas are held to the bounds wherever a target keeps them", () => {
  const found = (type: string, inputs: Record<string, unknown>) =>
    replicasWithinBounds(subject(), resource(type, "web", inputs)).length;
  assert.equal(found(POOL, { count: 10, plan: [{ at: 1, floor: 2 }] }), 0);
  assert.equal(
    found(POOL, {
      count: 11,
      plan: [
        { at: 1, floor: 1 },
        { at: 2, floor: 12 },
      ],
    }),
    3,
  );
  assert.equal(found("aws:autoscaling/group:Group", { minSize: 1, maxSize: 10, desiredCapacity: 2 }), 1);
  assert.equal(found("aws:autoscaling/schedule:Schedule", { minSize: 2, maxSize: 40 }), 1);
  assert.equal(
    found("gcp:compute/regionAutoscaler:RegionAutoscaler", {
      autoscalingPolicy: { minReplicas: 2, maxReplicas: 11, scalingSchedules: [{ minRequiredReplicas: 20 }] },
    }),
    2,
  );
  assert.equal(
    found("azure-native:monitor:AutoscaleSetting", { profiles: [{ capacity: { minimum: "1", maximum: "10" } }] }),
    1,
  );
  assert.match(
    replicasWithinBounds(subject(), resource(POOL, "web", { count: 11 }))[0],
    /^web: count: expected 2 to 10 replicas, as the constraints of web say, found 11$/,
  );
});

test("what the change leaves as it is deployed is not judged by it", () => {
  assert.deepEqual(replicasWithinBounds(subject(), resource(POOL, "api", { count: 99, __defaults: [] })), []);
  assert.equal(replicasWithinBounds(subject(), resource(POOL, "api", { count: 98 })).length, 1);
  assert.deepEqual(
    onlyItsWorkload(
      subject({ bound: { own: ["other"], others: [] } }),
      resource(POOL, "web", { count: 3, key: "new" }),
    ),
    [],
    "what a secret was cannot be told",
  );
});

test("what holds data grows in place, and everything else of it stays", () => {
  const kept = (inputs: Record<string, unknown>) => dataIsKept(subject(), resource(VOLUME, "data", inputs));
  const { inputs } = subject().deployed[2];
  assert.deepEqual(kept({ ...inputs, size: 40, iops: 4000, tags: {} }), []);
  assert.match(kept({ ...inputs, size: 19 })[0], /data: size: expected at least 20/);
  assert.match(kept({ type: "gp3" })[0], /found none/);
  assert.match(kept({ ...inputs, type: "io2" })[0], /type of what holds data would change/);
  assert.deepEqual(dataIsKept(subject(), resource(VOLUME, "new", { size: 1 })), []);
});

test("sizes with units are compared as sizes", () => {
  const deployed = [{ urn: urn(VOLUME, "data"), type: VOLUME, inputs: { size: "900MiB" } }];
  const kept = (size: string) => dataIsKept(subject({ deployed }), resource(VOLUME, "data", { size })).length;
  assert.deepEqual([kept("1GiB"), kept("800MiB"), kept("much")], [0, 1, 1]);
});

test("what holds data does not go; other resources may", () => {
  const urns = new Set([urn(POOL, "web")]);
  assert.deepEqual(dataIsNotDeleted(subject(), urns), [
    "data (aws:ebs/volume:Volume) holds data and would be deleted; do that by hand",
  ]);
  assert.deepEqual(dataIsNotDeleted(subject(), new Set([...urns, urn(VOLUME, "data")])), []);
});

test("a resource of another workload is not touched; without a list of its own, others' lists count", () => {
  const touched = (own: string[], others: string[], name: string) =>
    onlyItsWorkload(subject({ bound: { own, others } }), resource(POOL, name, { count: 5 })).length;
  assert.deepEqual([touched(["web*"], [], "web"), touched(["web*"], [], "api")], [0, 1]);
  assert.deepEqual([touched([], ["api*"], "api-1"), touched([], ["api*"], "web"), touched([], [], "api")], [1, 0, 0]);
});

test("required tags are asked of changed resources that can have tags or labels", () => {
  const tags = (inputs: Record<string, unknown>) =>
    tagsArePresent(subject({ requiredTags: ["team", "cost"] }), resource(POOL, "web", inputs));
  assert.deepEqual(tags({ count: 5 }), []);
  assert.deepEqual(tags({ tags: { team: "a", cost: "b" } }), []);
  assert.match(tags({ labels: { team: "a" } })[0], /expected the tags cost/);
});

test("instance types of every cloud are held to those that are allowed", () => {
  const found = (instances: string[], type: string, inputs: Record<string, unknown>) =>
    typesAllowed(subject({ limits: { instances } }), resource(type, "web", inputs)).length;
  const template = "aws:ec2/launchTemplate:LaunchTemplate";
  assert.deepEqual(
    [[], ["m7i.*"], ["c7i.*", "m7i.large"], ["m7*.large"]].map((allowed) =>
      found(allowed, template, { instanceType: "m7i.xlarge" }),
    ),
    [0, 0, 1, 1],
  );
  const machine = { machineType: "projects/p/zones/z/machineTypes/n2-standard-4" };
  assert.equal(found(["c4-*"], "gcp:compute/instanceTemplate:InstanceTemplate", machine), 1);
  const set = "azure-native:compute:VirtualMachineScaleSet";
  assert.equal(found(["Standard_D*"], set, { sku: { name: "Standard_E2s_v5" } }), 1);
  assert.equal(found(["Standard_D*"], set, { sku: { name: "Standard_D2s_v5" } }), 0);
  assert.equal(found(["Standard_D*"], "azure-native:compute:Disk", { sku: { name: "PremiumV2_LRS" } }), 0);
});

test("a disk grows by no more at once than is allowed", () => {
  const found = (diskGrowth: number | undefined, size: number) =>
    growthIsBounded(
      subject({ limits: { instances: [], diskGrowth } }),
      resource(VOLUME, "data", { ...subject().deployed[2].inputs, size }),
    );
  assert.deepEqual([found(0.5, 30).length, found(0.5, 31).length, found(undefined, 999).length], [0, 1, 0]);
  assert.match(found(0.5, 31)[0], /^data: size: expected at most 30, 50 % more than it is, found 31$/);
});

test("the least that runs, of its type, and disks cost no more than the budget", () => {
  const all = (minSize: number, instanceType: string) => [
    resource("aws:autoscaling/group:Group", "web", { minSize, maxSize: 100 }),
    resource("aws:ec2/launchTemplate:LaunchTemplate", "web-template", { instanceType }),
    resource(VOLUME, "web-data", { size: 100 }),
  ];
  const found = (minSize: number, type: string, budget?: number) =>
    priceWithinBudget(
      subject({ ...(budget !== undefined && { budget }), prices: { types: { small: 0.1, big: 1 }, diskGib: 0.01 } }),
      all(minSize, type),
    );
  assert.deepEqual([found(10, "small", 2), found(11, "small"), found(99, "unknown", 2)], [[], [], []]);
  assert.equal(found(2, "big", 2).length, 1);
  assert.match(
    found(11, "small", 2)[0],
    /^web: expected at most 2 USD\/h, as its constraints say, found 2\.1 for at least 11 replicas and 100 GiB of disks$/,
  );
});

test("no more resources change at once than is allowed; a plan's steps and a first deployment do not count", () => {
  const found = (changes: number, names: string[], deployed = subject().deployed) =>
    blastRadiusIsBounded(
      subject({ limits: { instances: [], changes }, deployed }),
      names.map((name) =>
        resource(name.startsWith("at-") ? "aws:autoscaling/schedule:Schedule" : POOL, name, { count: 4 }),
      ),
    );
  assert.deepEqual(found(3, ["web", "at-1", "at-2"]), []);
  assert.match(found(2, ["web"])[0], /expected at most 2 .* found 3: web, api, data$/);
  assert.deepEqual(found(1, ["a", "b", "c"], []), []);
});
