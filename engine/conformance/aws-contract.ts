import { expectRefusal, expectSame } from "./expect.ts";
import type { Contract, Properties } from "./sandbox.port.ts";

const HOUR = 3600;
const TYPES = {
  vpc: "aws:ec2/vpc:Vpc",
  subnet: "aws:ec2/subnet:Subnet",
  template: "aws:ec2/launchTemplate:LaunchTemplate",
  group: "aws:autoscaling/group:Group",
  schedule: "aws:autoscaling/schedule:Schedule",
  volume: "aws:ebs/volume:Volume",
};
const IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";

/** Bounds and schedules of an Auto Scaling group, versions of its launch template, modification of a gp3 volume. */
export const awsContract: Contract = {
  cost: "a network, at most 2 machines t4g.nano and a gp3 volume of 9 GiB for about 10 minutes: under 0.05 USD by list prices",

  checks(sandbox) {
    const { name, region } = sandbox;
    const tags = { foreshadow: name };
    const template = async (instanceType: string) =>
      sandbox.put("template", TYPES.template, { name, imageId: IMAGE, instanceType, updateDefaultVersion: true, tags });
    let ground: Promise<Properties> | undefined;
    const lay = async (): Promise<Properties> => {
      const vpc = await sandbox.put("vpc", TYPES.vpc, { cidrBlock: "10.99.0.0/24", tags });
      const subnet = await sandbox.put("subnet", TYPES.subnet, {
        vpcId: vpc.id,
        cidrBlock: "10.99.0.0/26",
        availabilityZone: `${region}a`,
        tags,
      });
      return { launchTemplate: { id: (await template("t4g.nano")).id, version: "1" }, vpcZoneIdentifiers: [subnet.id] };
    };
    const group = async (sizes: Properties, over: Properties = {}) => {
      ground ??= lay();
      await sandbox.put("group", TYPES.group, {
        name,
        ...(await ground),
        ...sizes,
        tags: [{ key: "foreshadow", value: name, propagateAtLaunch: true }],
        // What a machine does is not looked at, so nothing waits for it.
        waitForCapacityTimeout: "0",
        forceDelete: true,
        ...over,
      });
    };
    const sizes = async () => {
      const { minSize, maxSize, desiredCapacity } = await sandbox.look("aws:autoscaling/getGroup:getGroup", { name });
      return { minSize, maxSize, desiredCapacity };
    };
    const soon = Math.ceil(Date.now() / 1000 / HOUR) * HOUR + HOUR;
    const schedule = (step: string, at: number, minSize: number) =>
      sandbox.put(step, TYPES.schedule, {
        scheduledActionName: `${name}-${step}`,
        autoscalingGroupName: name,
        startTime: `${new Date(at * 1000).toISOString().slice(0, 19)}Z`,
        minSize,
        maxSize: 3,
        desiredCapacity: -1,
      });

    return [
      {
        behaviour: "a group begins with its minimum",
        async run() {
          await group({ minSize: 1, maxSize: 3 });
          expectSame("the group", await sizes(), { minSize: 1, maxSize: 3, desiredCapacity: 1 });
        },
      },
      {
        behaviour: "a raised minimum raises the count, and a lowered one leaves it",
        async run() {
          await group({ minSize: 2, maxSize: 3 });
          expectSame("raised", await sizes(), { minSize: 2, maxSize: 3, desiredCapacity: 2 });
          await group({ minSize: 1, maxSize: 3 });
          expectSame("lowered", await sizes(), { minSize: 1, maxSize: 3, desiredCapacity: 2 });
        },
      },
      {
        behaviour: "a desired count is carried out",
        async run() {
          await group({ minSize: 1, maxSize: 3, desiredCapacity: 1 });
          expectSame("the group", await sizes(), { minSize: 1, maxSize: 3, desiredCapacity: 1 });
        },
      },
      {
        behaviour: "a group of no template is refused",
        run: () =>
          expectRefusal("a template that is not there", async () =>
            sandbox.put("nothing", TYPES.group, {
              name: `${name}-nothing`,
              vpcZoneIdentifiers: (await ground)?.vpcZoneIdentifiers,
              launchTemplate: { id: "lt-0123456789abcdef0", version: "1" },
              minSize: 0,
              maxSize: 1,
            }),
          ),
      },
      {
        behaviour: "scheduled actions are kept by name until they are deleted",
        async run() {
          await schedule("morning", soon, 2);
          await schedule("evening", soon + HOUR, 1);
          expectSame("morning is there", (await sandbox.read("morning")) !== undefined, true);
          await sandbox.remove("morning");
          expectSame("evening is there", (await sandbox.read("evening")) !== undefined, true);
          await sandbox.remove("evening");
        },
      },
      {
        behaviour: "a template's change is a version of the next number",
        async run() {
          expectSame("a change", Number((await template("t4g.micro")).outputs.latestVersion), 2);
          expectSame("another", Number((await template("t4g.small")).outputs.latestVersion), 3);
        },
      },
      {
        behaviour: "a volume grows, and its operations with it",
        async run() {
          const volume = (size: number, iops: number) =>
            sandbox.put("volume", TYPES.volume, { availabilityZone: `${region}a`, type: "gp3", size, iops, tags });
          await volume(8, 3000);
          await volume(9, 3500);
          const { size, iops } = (await sandbox.read("volume")) ?? {};
          expectSame("the volume", { size, iops }, { size: 9, iops: 3500 });
        },
      },
    ];
  },
};
