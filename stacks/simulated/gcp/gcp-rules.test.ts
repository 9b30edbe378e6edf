import assert from "node:assert/strict";
import { test } from "node:test";
import { DOCUMENTED, emptyWorld, type Properties, type World } from "../world.ts";
import { advance } from "../world-file.ts";
import { simulatedGcp } from "./simulated-gcp.ts";

const AT = Date.UTC(2026, 10, 24, 8, 0) / 1000;
const TEMPLATE = "projects/simulated/global/instanceTemplates/web-1";
const GROUP = "projects/simulated/regions/r/instanceGroupManagers/web-simulated";
const rulesOf = (type: string) => simulatedGcp.types[`gcp:compute/${type}`];

function put(world: World, type: string, inputs: Properties, now = world.now): string {
  const { id, outputs } = rulesOf(type).create({ world, now, type }, inputs, "web");
  world.resources[id] = { type, inputs, outputs, modified: [] };
  return id;
}

function cloud(): World {
  const world = emptyWorld("gcp", AT - 3600, { ...DOCUMENTED, schedules: 3, diskModificationGap: 4 * 3600 });
  put(world, "instanceTemplate:InstanceTemplate", { name: "web-1", machineType: "c4-standard-2" });
  put(world, "regionInstanceGroupManager:RegionInstanceGroupManager", {
    region: "r",
    versions: [{ instanceTemplate: TEMPLATE }],
  });
  return world;
}

const schedule = (name: string, more = {}) => ({
  name,
  minRequiredReplicas: 5,
  schedule: "0 8 24 11 * 2026",
  timeZone: "UTC",
  durationSec: 600,
  ...more,
});
const scaler = (world: World, scalingSchedules: unknown[], policy = {}) =>
  put(world, "regionAutoscaler:RegionAutoscaler", {
    target: GROUP,
    autoscalingPolicy: {
      minReplicas: 2,
      maxReplicas: 9,
      cpuUtilization: { target: 0.7 },
      scalingSchedules,
      ...policy,
    },
  });

test("a schedule raises the floor for as long as it lasts, also where it is set while it should hold", () => {
  const world = cloud();
  scaler(world, [schedule("a")]);
  const { groups } = world;
  assert.equal(groups["web-simulated"].min, 2);
  advance(world, AT + 1);
  assert.equal(groups["web-simulated"].min, 5);
  advance(world, AT + 601);
  assert.equal(groups["web-simulated"].min, 2);
  const late = cloud();
  advance(late, AT + 60);
  scaler(late, [schedule("a")]);
  assert.equal(late.groups["web-simulated"].min, 5);
});

test("schedules that Compute Engine refuses are refused", () => {
  const refusals: [unknown[], object, RegExp][] = [
    [[schedule("a", { durationSec: 299 })], {}, /at least 300/],
    [["a", "b", "c", "d"].map((name) => schedule(name)), {}, /at most 3/],
    [[schedule("a"), schedule("a")], {}, /names must differ/],
    [[schedule("a")], { cpuUtilization: undefined }, /need another signal/],
    [[], { minReplicas: 10 }, /not be greater than 9/],
    [[schedule("a", { schedule: "0 8 31 2 * 2026" })], {}, /expected a date/],
    [[schedule("a", { schedule: "0 8 * * 1" })], {}, /recurs is not simulated/],
  ];
  for (const [schedules, policy, message] of refusals)
    assert.throws(() => scaler(cloud(), schedules, policy), message, String(message));
});

test("a template in use stays, and the higher tier takes a large machine with a gVNIC", () => {
  const world = cloud();
  const rules = rulesOf("instanceTemplate:InstanceTemplate");
  const context = { world, now: AT, type: "" };
  assert.throws(() => rules.remove?.(context, TEMPLATE, world.resources[TEMPLATE]), /resourceInUseByAnotherResource/);
  const create = (machineType: string, nicType: string) =>
    rules.create(
      context,
      {
        machineType,
        networkInterfaces: [{ nicType }],
        networkPerformanceConfig: { totalEgressBandwidthTier: "TIER_1" },
      },
      "web",
    );
  assert.throws(() => create("c4-standard-2", "GVNIC"), /not supported by the machine type/);
  assert.throws(() => create("c4-standard-48", "VIRTIO_NET"), /requires network interfaces/);
  create("c4-standard-48", "GVNIC");
});

test("a disk is made anew where it is to shrink, and waits four hours between two changes", () => {
  const world = cloud();
  const rules = rulesOf("disk:Disk");
  const inputs = { zone: "r-a", type: "hyperdisk-balanced", size: 100, provisionedIops: 3000 };
  const id = put(world, "disk:Disk", inputs);
  assert.deepEqual(rules.alsoReplaces?.(inputs, { ...inputs, size: 99 }), ["size"]);
  assert.deepEqual(rules.alsoReplaces?.(inputs, { ...inputs, size: 101 }), []);
  const change = (now: number, size: number) =>
    rules.update?.({ world, now, type: "" }, id, world.resources[id], { ...inputs, size });
  change(AT, 110);
  assert.throws(() => change(AT + 4 * 3600 - 1, 120), /wait 1 minutes/);
  change(AT + 4 * 3600, 120);
  const failing = (more: object) => rules.check?.({ ...inputs, ...more }).map(({ property }) => property);
  assert.deepEqual(failing({}), []);
  assert.deepEqual(failing({ size: 3 }), ["size", "provisionedIops"]);
  assert.deepEqual(failing({ provisionedIops: 60_000, provisionedThroughput: 200 }), [
    "provisionedIops",
    "provisionedThroughput",
  ]);
  assert.deepEqual(failing({ provisionedThroughput: 800 }), ["provisionedThroughput"]);
});

test("machines that a zone does not have are asked for again, and come when it has them", () => {
  const world = cloud();
  world.faults.push({ on: "launch", when: "before", message: "ZONE_RESOURCE_POOL_EXHAUSTED", times: 1 });
  scaler(world, []);
  assert.equal(world.groups["web-simulated"].instances.length, 0);
  assert.match(world.activities.at(-1)!.text, /ZONE_RESOURCE_POOL_EXHAUSTED/);
  advance(world, world.now + 120);
  assert.equal(world.groups["web-simulated"].instances.length, 2);
});
