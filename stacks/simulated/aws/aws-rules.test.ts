import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Context } from "../resource-rules.port.ts";
import { emptyWorld, type World } from "../world.ts";
import { advance } from "../world-file.ts";
import { simulatedAws } from "./simulated-aws.ts";

const [NOW, HOUR] = [1_772_431_200, 3600];
const GROUP = "aws:autoscaling/group:Group";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const SCHEDULE = "aws:autoscaling/schedule:Schedule";
const VOLUME = "aws:ebs/volume:Volume";

const contextOf = (world: World, type: string): Context => ({ world, now: world.now, type });

function create(world: World, type: string, inputs: Record<string, unknown>): string {
  const { id, outputs } = simulatedAws.types[type].create(contextOf(world, type), inputs, "web");
  world.resources[id] = { type, inputs, outputs, modified: world.resources[id]?.modified ?? [] };
  return id;
}

function update(world: World, id: string, inputs: Record<string, unknown>): void {
  const resource = world.resources[id];
  const outputs = simulatedAws.types[resource.type].update!(contextOf(world, resource.type), id, resource, inputs);
  world.resources[id] = { ...resource, ...world.resources[id], inputs, outputs };
}

function withGroup(rules = {}): { world: World; group: string; template: string } {
  const world = emptyWorld("aws", NOW, rules);
  const template = create(world, TEMPLATE, { instanceType: "m7i.large" });
  const group = create(world, GROUP, { minSize: 2, maxSize: 10, launchTemplate: { id: template, version: "1" } });
  return { world, group, template };
}

const step = (group: string, at: number, minSize: number, name = `at-${at}`) => ({
  autoscalingGroupName: group,
  scheduledActionName: name,
  startTime: new Date(at * 1000).toISOString(),
  minSize,
  maxSize: 10,
  desiredCapacity: -1,
});

describe("simulated Auto Scaling", () => {
  it("refuses a scheduled action in the past, a second one at the same time, and more than there may be", () => {
    const { world, group } = withGroup({ schedules: 2 });
    assert.throws(() => create(world, SCHEDULE, step(group, NOW - 1, 4)), /Given start time is in the past/);
    create(world, SCHEDULE, step(group, NOW + HOUR, 4));
    assert.throws(() => create(world, SCHEDULE, step(group, NOW + HOUR, 5, "other")), /already a scheduled action/);
    create(world, SCHEDULE, step(group, NOW + 2 * HOUR, 4));
    assert.throws(() => create(world, SCHEDULE, step(group, NOW + 3 * HOUR, 4)), /LimitExceeded/);
  });

  it("carries a one-time action out and forgets it; the count follows the floor up and not down", () => {
    const { world, group } = withGroup();
    const id = create(world, SCHEDULE, step(group, NOW + HOUR, 6));
    create(world, SCHEDULE, step(group, NOW + 2 * HOUR, 2));
    advance(world, NOW + HOUR - 1);
    assert.equal(world.groups[group].desired, 2);
    advance(world, NOW + HOUR);
    assert.deepEqual([world.groups[group].min, world.groups[group].desired], [6, 6]);
    const gone = simulatedAws.types[SCHEDULE].read!(contextOf(world, SCHEDULE), id, world.resources[id]);
    assert.equal(gone, undefined);
    advance(world, NOW + 2 * HOUR);
    assert.deepEqual([world.groups[group].min, world.groups[group].desired], [2, 6]);
  });

  it("refuses bounds that cross, and a template that is not there", () => {
    const { world, group, template } = withGroup();
    const inputs = world.resources[group].inputs;
    assert.throws(() => update(world, group, { ...inputs, minSize: 11 }), /ValidationError: Max bound, 10/);
    const launchTemplate = { id: template, version: "7" };
    assert.throws(() => update(world, group, { ...inputs, launchTemplate }), /Version 7 does not exist/);
  });

  it("replaces machines of a former template by instance refresh, never more than a tenth at once", () => {
    const { world, group, template } = withGroup({ bootDelay: 60 });
    const inputs = { ...world.resources[group].inputs, minSize: 10, instanceRefresh: { strategy: "Rolling" } };
    update(world, group, inputs);
    advance(world, NOW + HOUR);
    update(world, template, { instanceType: "m7i.xlarge" });
    update(world, group, { ...inputs, launchTemplate: { id: template, version: "2" } });
    for (let at = NOW + HOUR; at < NOW + 3 * HOUR; at += 30) {
      advance(world, at);
      const { instances } = world.groups[group];
      assert.ok(instances.filter(({ inServiceAt }) => inServiceAt <= at).length >= 9);
    }
    assert.ok(world.groups[group].instances.every(({ version }) => version === "2"));
    assert.equal(world.groups[group].replacing, false);
  });
});

describe("simulated EBS", () => {
  const gp3 = { type: "gp3", size: 100, iops: 3000, throughput: 125, availabilityZone: "a" };

  it("grows and never shrinks, and is not modified again within the gap", () => {
    const world = emptyWorld("aws", NOW);
    const id = create(world, VOLUME, gp3);
    assert.throws(() => update(world, id, { ...gp3, size: 50 }), /New size cannot be smaller/);
    update(world, id, { ...gp3, size: 200 });
    world.now += HOUR;
    assert.throws(() => update(world, id, { ...gp3, size: 300 }), /VolumeModificationRateExceeded.*300 minutes/);
    update(world, id, { ...gp3, size: 200, tags: { a: "b" } });
    world.now += 5 * HOUR;
    update(world, id, { ...gp3, size: 300 });
  });

  it("keeps the limits of gp3 in relation to each other", () => {
    const check = (over: object) =>
      simulatedAws.types[VOLUME].check!({ ...gp3, ...over }).map(({ property }) => property);
    assert.deepEqual(check({}), []);
    assert.deepEqual(check({ throughput: 1000 }), ["throughput"]);
    assert.deepEqual(check({ size: 10, iops: 6000 }), ["iops"]);
    assert.deepEqual(check({ size: 0.5 }), ["size"]);
  });
});
