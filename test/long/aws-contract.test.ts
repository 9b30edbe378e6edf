import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { simulatedAws } from "../../stacks/simulated/aws/simulated-aws.ts";
import { emptyWorld, type Properties } from "../../stacks/simulated/world.ts";

/** What a cloud shows of a group. */
interface Group {
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly machines: number;
}

/** The part of AWS that the contract speaks of. Refusals throw an error with the API's code in its message. */
interface Aws {
  createTemplate(name: string, instanceType: string): Promise<string>;
  /** The number of the version. */
  addVersion(template: string, instanceType: string): Promise<number>;
  createGroup(name: string, min: number, max: number, template: string): Promise<void>;
  updateGroup(name: string, sizes: { min: number; max: number; desired?: number }): Promise<void>;
  group(name: string): Promise<Group>;
  /** @param at epoch seconds */
  schedule(group: string, name: string, at: number, min: number, max: number): Promise<void>;
  scheduled(group: string): Promise<string[]>;
  unschedule(group: string, name: string): Promise<void>;
  createVolume(size: number, iops: number): Promise<string>;
  modifyVolume(id: string, size: number, iops: number): Promise<void>;
  volume(id: string): Promise<{ size: number; iops: number }>;
  close(): void;
}

const HOUR = 3600;

function contract(what: string, open: () => Promise<Aws>): void {
  describe(`the contract of AWS, by ${what}`, () => {
    let aws: Aws;
    let template: string;
    const soon = Math.ceil(Date.now() / 1000 / HOUR) * HOUR + HOUR;
    before(async () => {
      aws = await open();
      template = await aws.createTemplate("web", "m5.large");
    });

    after(() => aws?.close());

    it("a group begins with its minimum", async () => {
      await aws.createGroup("web", 2, 10, template);
      assert.deepEqual(await aws.group("web"), { min: 2, max: 10, desired: 2, machines: 2 });
    });

    it("a raised minimum raises the count, and a lowered one leaves it", async () => {
      await aws.updateGroup("web", { min: 5, max: 10 });
      assert.deepEqual(await aws.group("web"), { min: 5, max: 10, desired: 5, machines: 5 });
      await aws.updateGroup("web", { min: 2, max: 10 });
      assert.deepEqual(await aws.group("web"), { min: 2, max: 10, desired: 5, machines: 5 });
    });

    it("a desired count is carried out", async () => {
      await aws.updateGroup("web", { min: 2, max: 10, desired: 3 });
      assert.deepEqual(await aws.group("web"), { min: 2, max: 10, desired: 3, machines: 3 });
    });

    it("a group of no template is refused", async () => {
      await assert.rejects(aws.createGroup("other", 1, 2, "lt-0123456789abcdef0"), /ValidationError|NotFound/);
    });

    it("scheduled actions are kept by name until they are deleted", async () => {
      await aws.schedule("web", "morning", soon, 6, 10);
      await aws.schedule("web", "evening", soon + HOUR, 2, 10);
      assert.deepEqual((await aws.scheduled("web")).sort(), ["evening", "morning"]);
      await aws.unschedule("web", "morning");
      assert.deepEqual(await aws.scheduled("web"), ["evening"]);
    });

    it("a template's change is a version of the next number", async () => {
      assert.equal(await aws.addVersion(template, "m5.xlarge"), 2);
      assert.equal(await aws.addVersion(template, "m5.2xlarge"), 3);
    });

    it("a volume grows", async () => {
      const id = await aws.createVolume(100, 3000);
      assert.deepEqual(await aws.volume(id), { size: 100, iops: 3000 });
      await aws.modifyVolume(id, 200, 4000);
      assert.deepEqual(await aws.volume(id), { size: 200, iops: 4000 });
    });
  });
}

contract("the simulated provider", async () => simulated());
contract("moto_server", emulated);

const TYPES = {
  template: "aws:ec2/launchTemplate:LaunchTemplate",
  group: "aws:autoscaling/group:Group",
  schedule: "aws:autoscaling/schedule:Schedule",
  volume: "aws:ebs/volume:Volume",
};

/** The rules of the simulated provider, without Pulumi around them. */
function simulated(): Aws {
  const world = emptyWorld("aws", Date.now() / 1000, { bootDelay: 0, diskModificationGap: 0 });
  const create = (type: string, inputs: Properties) => {
    const { id, outputs } = simulatedAws.types[type].create({ world, now: world.now, type }, inputs, "web");
    world.resources[id] = { type, inputs, outputs, modified: [] };
    return id;
  };
  const update = (id: string, over: Properties) => {
    const resource = world.resources[id];
    const inputs = { ...resource.inputs, ...over };
    const rules = simulatedAws.types[resource.type];
    const outputs = rules.update!({ world, now: world.now, type: resource.type }, id, resource, inputs);
    world.resources[id] = { ...resource, inputs, outputs };
    return outputs;
  };
  return {
    createTemplate: async (name, instanceType) => create(TYPES.template, { name, instanceType }),
    addVersion: async (template, instanceType) => Number(update(template, { instanceType }).latestVersion),
    async createGroup(name, minSize, maxSize, id) {
      create(TYPES.group, { name, minSize, maxSize, launchTemplate: { id, version: "1" } });
    },
    async updateGroup(name, { min, max, desired }) {
      update(name, { minSize: min, maxSize: max, desiredCapacity: desired });
    },
    async group(name) {
      const { min, max, desired, instances } = world.groups[name];
      return { min, max, desired, machines: instances.length };
    },
    async schedule(autoscalingGroupName, scheduledActionName, at, minSize, maxSize) {
      const startTime = new Date(at * 1000).toISOString();
      create(TYPES.schedule, {
        autoscalingGroupName,
        scheduledActionName,
        startTime,
        minSize,
        maxSize,
        desiredCapacity: -1,
      });
    },
    scheduled: async (group) => world.groups[group].schedules.map(({ name }) => name),
    async unschedule(group, name) {
      const id = `${group}/${name}`;
      simulatedAws.types[TYPES.schedule].remove!(
        { world, now: world.now, type: TYPES.schedule },
        id,
        world.resources[id],
      );
    },
    createVolume: async (size, iops) =>
      create(TYPES.volume, { type: "gp3", size, iops, availabilityZone: "us-east-1a" }),
    async modifyVolume(id, size, iops) {
      update(id, { size, iops });
    },
    async volume(id) {
      const { size, iops } = world.resources[id].outputs as { size: number; iops: number };
      return { size, iops };
    },
    close: () => {},
  };
}

/** moto, an emulator of AWS's APIs, over HTTP; installed at the first use in an environment of its own. */
const MOTO = "moto[server]==5.2.3";
const ENVIRONMENT = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "foreshadow", "moto");

async function emulated(): Promise<Aws> {
  const program = join(ENVIRONMENT, "bin", "moto_server");
  if (!existsSync(program)) {
    execFileSync("python3", ["-m", "venv", ENVIRONMENT], { stdio: ["ignore", "ignore", "inherit"] });
    const pip = join(ENVIRONMENT, "bin", "pip");
    execFileSync(pip, ["install", "--quiet", MOTO], { stdio: ["ignore", "ignore", "inherit"] });
  }
  const port = await freePort();
  const server: ChildProcess = spawn(program, ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  const url = `http://127.0.0.1:${port}/`;
  for (let tries = 0; tries < 100; tries++) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      break;
    await sleep(200);
  }
  return { ...motoClient(url), close: () => void server.kill() };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** AWS's query protocol, without a valid signature: the emulator takes service and region from it and checks nothing. */
function motoClient(url: string): Omit<Aws, "close"> {
  async function call(service: "autoscaling" | "ec2", action: string, parameters: Record<string, string | number>) {
    const version = service === "ec2" ? "2016-11-15" : "2011-01-01";
    const body = new URLSearchParams({ Action: action, Version: version });
    for (const [key, value] of Object.entries(parameters)) body.set(key, String(value));
    const credential = `test/20260101/us-east-1/${service}/aws4_request`;
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=none` },
      body,
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${action}: ${value(text, "Code")}: ${value(text, "Message")}`);
    return text;
  }
  return {
    createTemplate: async (name, instanceType) =>
      value(
        await call("ec2", "CreateLaunchTemplate", {
          LaunchTemplateName: name,
          "LaunchTemplateData.InstanceType": instanceType,
          "LaunchTemplateData.ImageId": "ami-12c6146b",
        }),
        "launchTemplateId",
      ),
    addVersion: async (template, instanceType) =>
      Number(
        value(
          await call("ec2", "CreateLaunchTemplateVersion", {
            LaunchTemplateId: template,
            "LaunchTemplateData.InstanceType": instanceType,
          }),
          "versionNumber",
        ),
      ),
    async createGroup(name, min, max, template) {
      await call("autoscaling", "CreateAutoScalingGroup", {
        AutoScalingGroupName: name,
        MinSize: min,
        MaxSize: max,
        "LaunchTemplate.LaunchTemplateId": template,
        "LaunchTemplate.Version": "1",
        "AvailabilityZones.member.1": "us-east-1a",
      });
    },
    async updateGroup(name, { min, max, desired }) {
      await call("autoscaling", "UpdateAutoScalingGroup", {
        AutoScalingGroupName: name,
        MinSize: min,
        MaxSize: max,
        ...(desired === undefined ? {} : { DesiredCapacity: desired }),
      });
    },
    async group(name) {
      const text = await call("autoscaling", "DescribeAutoScalingGroups", { "AutoScalingGroupNames.member.1": name });
      const [min, max, desired] = ["MinSize", "MaxSize", "DesiredCapacity"].map((tag) => Number(value(text, tag)));
      return { min, max, desired, machines: values(text, "InstanceId").length };
    },
    async schedule(group, name, at, min, max) {
      await call("autoscaling", "PutScheduledUpdateGroupAction", {
        AutoScalingGroupName: group,
        ScheduledActionName: name,
        StartTime: new Date(at * 1000).toISOString(),
        MinSize: min,
        MaxSize: max,
      });
    },
    scheduled: async (group) =>
      values(
        await call("autoscaling", "DescribeScheduledActions", { AutoScalingGroupName: group }),
        "ScheduledActionName",
      ),
    async unschedule(group, name) {
      await call("autoscaling", "DeleteScheduledAction", { AutoScalingGroupName: group, ScheduledActionName: name });
    },
    createVolume: async (size, iops) =>
      value(
        await call("ec2", "CreateVolume", {
          AvailabilityZone: "us-east-1a",
          VolumeType: "gp3",
          Size: size,
          Iops: iops,
        }),
        "volumeId",
      ),
    async modifyVolume(id, size, iops) {
      await call("ec2", "ModifyVolume", { VolumeId: id, Size: size, Iops: iops });
    },
    async volume(id) {
      const text = await call("ec2", "DescribeVolumes", { "VolumeId.1": id });
      return { size: Number(value(text, "size")), iops: Number(value(text, "iops")) };
    },
  };
}

function values(text: string, tag: string): string[] {
  return [...text.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, "g"))].map(([, inner]) => inner);
}

function value(text: string, tag: string): string {
  const [first] = values(text, tag);
  if (first === undefined) throw new Error(`expected <${tag}> in ${text.slice(0, 500)}`);
  return first;
}
