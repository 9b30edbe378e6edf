import { expectSame, expectWithin } from "./expect.ts";
import type { Contract, Properties } from "./sandbox.port.ts";

const MINUTE = 60_000;
const TYPES = {
  network: "gcp:compute/network:Network",
  subnet: "gcp:compute/subnetwork:Subnetwork",
  template: "gcp:compute/instanceTemplate:InstanceTemplate",
  group: "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager",
  autoscaler: "gcp:compute/regionAutoscaler:RegionAutoscaler",
  disk: "gcp:compute/disk:Disk",
};

/** Bounds and schedules of the autoscaler of a regional managed instance group, and growth of a Hyperdisk. */
export const gcpContract: Contract = {
  cost: "a network, at most 3 machines e2-micro and a Hyperdisk Balanced of 7 GiB for about 20 minutes: under 0.05 USD by list prices",

  checks(sandbox) {
    const { name, region, project, patience } = sandbox;
    const labels = { foreshadow: name };
    let target: Promise<string> | undefined;
    const lay = async () => {
      const network = await sandbox.put("network", TYPES.network, { name, autoCreateSubnetworks: false });
      const subnet = await sandbox.put("subnet", TYPES.subnet, {
        name,
        region,
        network: network.id,
        ipCidrRange: "10.99.0.0/24",
      });
      const template = await sandbox.put("template", TYPES.template, {
        name,
        machineType: "e2-micro",
        disks: [{ boot: true, autoDelete: true, sourceImage: "projects/debian-cloud/global/images/family/debian-12" }],
        networkInterfaces: [{ subnetwork: subnet.id }],
        labels,
      });
      const group = await sandbox.put("group", TYPES.group, {
        name,
        region,
        baseInstanceName: name,
        versions: [{ instanceTemplate: template.id }],
        waitForInstances: false,
      });
      return group.id;
    };
    const autoscaler = async (policy: Properties) => {
      target ??= lay();
      return sandbox.put("autoscaler", TYPES.autoscaler, {
        name,
        region,
        target: await target,
        autoscalingPolicy: { maxReplicas: 3, cpuUtilization: { target: 0.7 }, ...policy },
      });
    };
    const size = async () =>
      (
        await sandbox.look("gcp:compute/getRegionInstanceGroupManager:getRegionInstanceGroupManager", {
          name,
          region,
          project,
        })
      ).targetSize;
    const schedule = (of: string, from: number, minutes: number, minRequiredReplicas: number) => {
      const at = new Date(from);
      return {
        name: of,
        minRequiredReplicas,
        schedule: `${at.getUTCMinutes()} ${at.getUTCHours()} ${at.getUTCDate()} ${at.getUTCMonth() + 1} * ${at.getUTCFullYear()}`,
        timeZone: "UTC",
        durationSec: minutes * 60,
      };
    };

    return [
      {
        behaviour: "an autoscaler brings its group to the minimum",
        async run() {
          await autoscaler({ minReplicas: 1 });
          await expectWithin("the group's size", patience, size, 1);
        },
      },
      {
        behaviour: "a raised minimum raises the count",
        async run() {
          await autoscaler({ minReplicas: 2 });
          await expectWithin("the group's size", patience, size, 2);
        },
      },
      {
        behaviour:
          "a schedule that is set after its beginning holds at once, and one that has passed is kept without effect",
        async run() {
          const now = Date.now();
          await autoscaler({
            minReplicas: 1,
            scalingSchedules: [
              schedule("passed", now - 120 * MINUTE, 10, 1),
              schedule("begun", now - 10 * MINUTE, 60, 3),
            ],
          });
          await expectWithin("the group's size", patience, size, 3);
          const policy = (await sandbox.read("autoscaler"))?.autoscalingPolicy as {
            scalingSchedules?: { name: string }[];
          };
          expectSame("schedules", policy?.scalingSchedules?.map((one) => one.name).sort(), ["begun", "passed"]);
        },
      },
      {
        behaviour: "a Hyperdisk grows",
        async run() {
          const disk = (gibibytes: number) =>
            sandbox.put("disk", TYPES.disk, {
              name,
              zone: `${region}-a`,
              type: "hyperdisk-balanced",
              size: gibibytes,
              labels,
            });
          const { id } = await disk(6);
          const grown = await disk(7);
          expectSame("the same disk", grown.id, id);
          expectSame("its size", (await sandbox.read("disk"))?.size, 7);
        },
      },
    ];
  },
};
