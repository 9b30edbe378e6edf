import type { Placed, Properties, Sandbox } from "./sandbox.port.ts";

type Service = "autoscaling" | "ec2";
type Parameters = Record<string, string | number>;

const VERSIONS: Record<Service, string> = { autoscaling: "2011-01-01", ec2: "2016-11-15" };
/** Seconds until an answer must be there. */
const PATIENCE = 30;
const MOST = 10_000_000;

interface Kept {
  readonly type: string;
  readonly id: string;
  readonly properties: Properties;
}

/**
 * A sandbox by AWS's query protocol over HTTP, for emulators of it: the part of its API that the contract speaks of. The signature names service and
 * region and is no signature, which an emulator does not check and AWS refuses.
 */
export class AwsApiSandbox implements Sandbox {
  readonly project = "";
  readonly patience = 1;
  readonly name: string;
  readonly region: string;
  readonly #url: string;
  readonly #kept = new Map<string, Kept>();

  constructor({ url, name, region }: { readonly url: string; readonly name: string; readonly region: string }) {
    this.#url = url;
    this.name = name;
    this.region = region;
  }

  async put(name: string, type: string, properties: Properties): Promise<Placed> {
    const former = this.#kept.get(name);
    const calls = this.#calls(type);
    const placed = former === undefined ? await calls.create(properties) : await calls.update(former, properties);
    this.#kept.set(name, { type, id: placed.id, properties });
    return placed;
  }

  async remove(name: string): Promise<void> {
    const kept = this.#kept.get(name);
    if (kept === undefined) return;
    await this.#calls(kept.type).remove(kept);
    this.#kept.delete(name);
  }

  async read(name: string): Promise<Properties | undefined> {
    const kept = this.#kept.get(name);
    return kept && this.#calls(kept.type).read(kept);
  }

  async look(token: string, { name }: Properties): Promise<Properties> {
    if (token !== "aws:autoscaling/getGroup:getGroup") throw new Error(`expected getGroup, found ${token}`);
    const text = await this.#call("autoscaling", "DescribeAutoScalingGroups", {
      "AutoScalingGroupNames.member.1": String(name),
    });
    const [minSize, maxSize, desiredCapacity] = ["MinSize", "MaxSize", "DesiredCapacity"].map((tag) =>
      Number(value(text, tag)),
    );
    return { minSize, maxSize, desiredCapacity };
  }

  async close(): Promise<void> {
    for (const name of [...this.#kept.keys()].reverse()) await this.remove(name);
  }

  #calls(type: string) {
    const calls = this.#types[type];
    if (calls === undefined) throw new Error(`expected ${Object.keys(this.#types).join(" or ")}, found ${type}`);
    return calls;
  }

  readonly #types: Record<
    string,
    {
      create(properties: Properties): Promise<Placed>;
      update(kept: Kept, properties: Properties): Promise<Placed>;
      read(kept: Kept): Promise<Properties | undefined>;
      remove(kept: Kept): Promise<unknown>;
    }
  > = {
    "aws:ec2/vpc:Vpc": {
      create: async ({ cidrBlock }) => this.#made("CreateVpc", { CidrBlock: String(cidrBlock) }, "vpcId"),
      ...fixed,
      remove: ({ id }) => this.#call("ec2", "DeleteVpc", { VpcId: id }),
    },
    "aws:ec2/subnet:Subnet": {
      create: async ({ vpcId, cidrBlock, availabilityZone }) =>
        this.#made(
          "CreateSubnet",
          { VpcId: String(vpcId), CidrBlock: String(cidrBlock), AvailabilityZone: String(availabilityZone) },
          "subnetId",
        ),
      ...fixed,
      remove: ({ id }) => this.#call("ec2", "DeleteSubnet", { SubnetId: id }),
    },
    "aws:ec2/launchTemplate:LaunchTemplate": {
      create: async (properties) => ({
        ...(await this.#made(
          "CreateLaunchTemplate",
          { LaunchTemplateName: String(properties.name), ...templateData(properties) },
          "launchTemplateId",
        )),
        outputs: { latestVersion: 1 },
      }),
      update: async ({ id }, properties) => {
        const made = { LaunchTemplateId: id, ...templateData(properties) };
        const text = await this.#call("ec2", "CreateLaunchTemplateVersion", made);
        return { id, outputs: { latestVersion: Number(value(text, "versionNumber")) } };
      },
      read: async ({ properties }) => properties,
      remove: ({ id }) => this.#call("ec2", "DeleteLaunchTemplate", { LaunchTemplateId: id }),
    },
    "aws:autoscaling/group:Group": {
      create: async (properties) => {
        const { name, vpcZoneIdentifiers, launchTemplate } = properties as {
          name: string;
          vpcZoneIdentifiers: string[];
          launchTemplate: { id: string; version: string };
        };
        await this.#call("autoscaling", "CreateAutoScalingGroup", {
          AutoScalingGroupName: name,
          ...sizesOf(properties),
          "LaunchTemplate.LaunchTemplateId": launchTemplate.id,
          "LaunchTemplate.Version": launchTemplate.version,
          VPCZoneIdentifier: vpcZoneIdentifiers.join(","),
        });
        return { id: name, outputs: properties };
      },
      update: async ({ id }, properties) => {
        await this.#call("autoscaling", "UpdateAutoScalingGroup", {
          AutoScalingGroupName: id,
          ...sizesOf(properties),
        });
        return { id, outputs: properties };
      },
      read: ({ id }) => this.look("aws:autoscaling/getGroup:getGroup", { name: id }),
      remove: ({ id }) =>
        this.#call("autoscaling", "DeleteAutoScalingGroup", { AutoScalingGroupName: id, ForceDelete: "true" }),
    },
    "aws:autoscaling/schedule:Schedule": {
      create: (properties) => this.#schedule(properties),
      update: (_kept, properties) => this.#schedule(properties),
      read: async ({ properties }) => {
        const text = await this.#call("autoscaling", "DescribeScheduledActions", groupOf(properties));
        const there = values(text, "ScheduledActionName").includes(String(properties.scheduledActionName));
        return there ? properties : undefined;
      },
      remove: ({ properties }) =>
        this.#call("autoscaling", "DeleteScheduledAction", {
          ...groupOf(properties),
          ScheduledActionName: String(properties.scheduledActionName),
        }),
    },
    "aws:ebs/volume:Volume": {
      create: async ({ availabilityZone, type, size, iops }) =>
        this.#made(
          "CreateVolume",
          {
            AvailabilityZone: String(availabilityZone),
            VolumeType: String(type),
            Size: Number(size),
            Iops: Number(iops),
          },
          "volumeId",
        ),
      update: async ({ id }, { size, iops }) => {
        await this.#call("ec2", "ModifyVolume", { VolumeId: id, Size: Number(size), Iops: Number(iops) });
        return { id, outputs: {} };
      },
      read: async ({ id }) => {
        const text = await this.#call("ec2", "DescribeVolumes", { "VolumeId.1": id });
        return { size: Number(value(text, "size")), iops: Number(value(text, "iops")) };
      },
      remove: ({ id }) => this.#call("ec2", "DeleteVolume", { VolumeId: id }),
    },
  };

  async #made(action: string, parameters: Parameters, tag: string): Promise<Placed> {
    return { id: value(await this.#call("ec2", action, parameters), tag), outputs: {} };
  }

  async #schedule(properties: Properties): Promise<Placed> {
    const { scheduledActionName, startTime, minSize, maxSize } = properties;
    await this.#call("autoscaling", "PutScheduledUpdateGroupAction", {
      ...groupOf(properties),
      ScheduledActionName: String(scheduledActionName),
      StartTime: String(startTime),
      MinSize: Number(minSize),
      MaxSize: Number(maxSize),
    });
    return { id: String(scheduledActionName), outputs: properties };
  }

  async #call(service: Service, action: string, parameters: Parameters): Promise<string> {
    const body = new URLSearchParams({ Action: action, Version: VERSIONS[service] });
    for (const [key, one] of Object.entries(parameters)) body.set(key, String(one));
    const credential = `emulated/20260101/${this.region}/${service}/aws4_request`;
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=none` },
      body,
      signal: AbortSignal.timeout(PATIENCE * 1000),
    });
    const text = (await response.text()).slice(0, MOST);
    if (response.ok) return text;
    const [code, told] = ["Code", "Message"].map((tag) => values(text, tag)[0] ?? "");
    throw new Error(`${action}: ${response.status} ${code}: ${told}`);
  }
}

/** What never changes in place. */
const fixed = {
  update: async (): Promise<Placed> => {
    throw new Error("expected a resource that is not changed");
  },
  read: async ({ properties }: Kept) => properties,
};

function groupOf({ autoscalingGroupName }: Properties): Parameters {
  return { AutoScalingGroupName: String(autoscalingGroupName) };
}

function templateData({ instanceType }: Properties): Parameters {
  // An emulator has no parameters of images.
  return { "LaunchTemplateData.InstanceType": String(instanceType), "LaunchTemplateData.ImageId": "ami-12c6146b" };
}

function sizesOf({ minSize, maxSize, desiredCapacity }: Properties): Parameters {
  return {
    MinSize: Number(minSize),
    MaxSize: Number(maxSize),
    ...(desiredCapacity === undefined ? {} : { DesiredCapacity: Number(desiredCapacity) }),
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
