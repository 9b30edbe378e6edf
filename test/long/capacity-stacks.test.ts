import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it, test } from "node:test";
import { parse } from "yaml";
import type { Cloud } from "../../stacks/simulated/rehearsal.ts";
import { inService, newGroup, type ScaledGroup } from "../../stacks/simulated/scaled-group.ts";
import { deploy, type Place } from "../clouds/place.ts";
import { assertDone, leavesHandAlone, type Minimum, touched } from "../clouds/steps.ts";

const AZURE =
  "/subscriptions/simulated/resourceGroups/shop/providers/Microsoft.Compute/virtualMachineScaleSets/web-simulated";

/** A capacity stack: what it scales, which something else runs, and what shows there of bounds. */
interface CapacityStack {
  readonly what: string;
  readonly cloud: Cloud;
  readonly group: string;
  readonly settings: Record<string, string>;
  /** Resources of the stack without a plan, whether a step is one, and what a change of the floor touches. */
  readonly resources: number;
  readonly steps?: boolean;
  readonly floor?: readonly string[];
  readonly minimum?: Minimum;
  /** The autoscaler of the stack, where it may be another's before: its type, and its identifier by its name. */
  readonly adopts?: { readonly type: string; readonly id: (name: string) => string; readonly hold: RegExp };
  /** A group that a cluster sizes. */
  readonly foreign?: string;
}

/** A group that something else has made and runs. */
const running = () => newGroup({ min: 2, max: 10, desired: 2 }, { version: "theirs", cores: 2 });

const STACKS: readonly CapacityStack[] = [
  {
    what: "an Auto Scaling group",
    cloud: "aws",
    group: "web-simulated",
    settings: { "foreshadow:target": "aws-capacity", "foreshadow:group": "web-simulated" },
    resources: 1,
    steps: true,
    foreign: "nodes",
  },
  {
    what: "an ECS service",
    cloud: "aws",
    group: "service/shop/web",
    settings: { "foreshadow:target": "aws-capacity", "foreshadow:service": "service/shop/web" },
    resources: 3,
    steps: true,
    floor: ["web-bounds minCapacity"],
    minimum: {
      read: (group) => group.min,
      write: (group, min) => {
        group.min = min;
      },
      told: (before, min) =>
        new RegExp(`drift: web-bounds\\.minCapacity was changed by others from ${before} to ${min}`),
    },
  },
  {
    what: "a regional managed instance group",
    cloud: "gcp",
    group: "web-simulated",
    settings: { "foreshadow:target": "gcp-capacity", "foreshadow:group": "web-simulated" },
    resources: 2,
    floor: ["web-autoscaler autoscalingPolicy.minReplicas"],
    minimum: {
      read: (group) => group.floors!.base,
      write: (group, min) => {
        group.floors!.base = min;
      },
      told: (before, min) =>
        new RegExp(
          `drift: web-autoscaler\\.autoscalingPolicy\\.minReplicas was changed by others from ${before} to ${min}`,
        ),
    },
    adopts: {
      type: "gcp:compute/regionAutoscaler:RegionAutoscaler",
      id: (name) => `projects/simulated/regions/europe-west3/autoscalers/${name}`,
      hold: /~ target\s*: 0\.5 => 0\.7/,
    },
    foreign: "gke-shop-pool-1-3f2a-grp",
  },
  {
    what: "a virtual machine scale set",
    cloud: "azure",
    group: AZURE,
    settings: { "foreshadow:target": "azure-capacity", "foreshadow:group": AZURE },
    resources: 2,
    floor: ["web-autoscaler profiles[0].capacity.default", "web-autoscaler profiles[0].capacity.minimum"],
    minimum: {
      read: (group) => group.profiles![0].min,
      write: (group, min) => {
        group.profiles![0].min = min;
      },
      told: (before, min) =>
        new RegExp(
          `drift: web-autoscaler\\.profiles\\[0\\]\\.capacity\\.minimum was changed by others from "${before}" to "${min}"`,
        ),
    },
    adopts: {
      type: "azure-native:monitor:AutoscaleSetting",
      id: (name) =>
        `/subscriptions/simulated/resourceGroups/shop/providers/Microsoft.Insights/autoscaleSettings/${name}`,
      hold: /~ threshold\s*: 50 => 70/,
    },
    foreign: AZURE.replace("web-simulated", "aks-pool1-12345678-vmss"),
  },
];

const CAPACITY = `version: 1
web:
  owns: floor
  replicas: { floor: 2, ceiling: 10 }
  perReplica: { cpu: 2, memory: 8GiB }
`;

/** Permissions that were made use of, by cloud, and the role that grants them. */
const used: Record<Cloud, Set<string>> = { aws: new Set(), gcp: new Set(), azure: new Set() };
const ROLES: Record<Cloud, () => string[]> = {
  aws: () => parse(role("aws/capacity-role.json")).Statement.flatMap(({ Action }: { Action: string[] }) => Action),
  gcp: () => parse(role("gcp/capacity-role.yaml")).includedPermissions,
  azure: () => parse(role("azure/capacity-role.json")).Actions,
};

for (const stack of STACKS)
  describe(`a capacity stack beside ${stack.what} that anything else runs`, { timeout: 1_800_000 }, () => {
    const { cloud, group, floor, minimum, adopts, foreign } = stack;
    const unchanged = new RegExp(`\\b${stack.resources} unchanged`);
    let place: Place;
    const set = (key: string, value: string) => place.pulumi("config", "set", key, value, "--stack", "dev");
    const names = ({ schedules, floors, profiles }: ScaledGroup) =>
      [...schedules, ...(floors?.windows ?? []), ...(profiles ?? []).slice(1)].map(({ name }) => name);
    before(async () => {
      const settings = {
        ...stack.settings,
        ...(adopts && { "foreshadow:autoscaler": "theirs", "foreshadow:utilisation": "50" }),
      };
      place = await deploy(
        cloud,
        { bootDelay: 20, scalerPeriod: 10, scaleInAfter: 30 },
        { settings, capacity: CAPACITY, groups: { [group]: running() } },
      );
    });
    after(() => place?.remove());

    it("is brought up by a plain pulumi up, and leaves what it scales as it is", async () => {
      assert.match(await place.preview(), unchanged);
      const { version, min, max } = await place.world(({ groups }) => groups[group]);
      assert.deepEqual({ version, min, max }, { version: "theirs", min: 2, max: 10 });
    });

    if (adopts !== undefined)
      it("takes over an autoscaler that is there already, by pulumi import", async () => {
        // The stack forgets the autoscaler: from now on it is one that something else has made.
        await place.pulumi("state", "delete", "--all", "--yes", "--stack", "dev");
        await set("foreshadow:utilisation", "70");
        const { type, id, hold } = adopts;
        const how = ["--generate-code=false", "--protect=false", "--yes", "--skip-preview", "--stack", "dev"];
        await place.pulumi("import", type, "web-autoscaler", id("theirs"), ...how);
        const shown = await place.preview();
        assert.match(shown, hold, "what the program says otherwise, and nothing else, is left to change");
        assert.match(shown, /1 to update/);
        await place.up();
        await place.git("commit", "--quiet", "--all", "--message", "Take the autoscaler over");
        assert.match(await place.preview(), unchanged);
      });

    it("carries a plan out with the engine dead", async () => {
      const at = place.now() + 600;
      const plan = [
        { at, floor: 5 },
        { at: at + 600, floor: 2 },
      ];
      const done = await place.change((capacity) => ({ ...capacity, plan }));
      assertDone(done);
      assert.equal(done.reversibility, "exact");
      await place.until("five machines in service", 800, ({ groups, now }) => inService(groups[group], now) === 5);
      await place.until("the floor back at two", 800, ({ groups }) => groups[group].min === 2);
    });

    it("takes a change back exactly", async () => {
      // What is over is cleared away first, where it shows at all: what follows is the change of one field.
      const cleared = await place.change((capacity) => ({ ...capacity, plan: [] }));
      assert.ok(["done", "unchanged"].includes(cleared.state), cleared.failure?.message);
      const before = names(await place.world(({ groups }) => groups[group]));
      const at = place.now() + 3600;
      const plan = stack.steps ? [{ at, floor: 7 }] : [];
      const replicas = { floor: floor === undefined ? 2 : 4, ceiling: 10 };
      const done = await place.change((capacity) => ({ ...capacity, plan, replicas }));
      assertDone(done);
      assert.equal(done.reversibility, "exact");
      const { min } = await place.world(({ groups }) => groups[group]);
      if (floor !== undefined)
        assert.deepEqual([...new Set(touched(done))].filter((one) => !one.startsWith("web-at-")).sort(), floor);
      assertDone(await place.rollBack(done));
      await place.until("the floor at two again", 100, ({ groups }) => groups[group].min === 2);
      assert.deepEqual(names(await place.world(({ groups }) => groups[group])), before, `at least ${min} before`);
      assert.match(await place.preview(), unchanged);
    });

    if (minimum !== undefined)
      it("names what a person has moved by hand, and leaves it alone", () =>
        leavesHandAlone(place, 6, minimum, { replicas: { floor: 3, ceiling: 10 } }));

    if (foreign !== undefined)
      it("refuses by name a group that a cluster sizes", async () => {
        await place.world(({ groups }) => {
          groups[foreign] = { ...running(), tags: ["eks:nodegroup-name"] };
        });
        await set("foreshadow:group", foreign);
        await assert.rejects(place.pulumi("preview", "--stack", "dev"), (error: Error & { stdout?: string }) =>
          /is not scaled here: its (tag|name) .*(EKS node group|GKE node pool|AKS node pool)/s.test(error.stdout ?? ""),
        );
        await set("foreshadow:group", group);
        await place.world(({ groups }) => {
          delete groups[foreign];
        });
      });

    it("is taken away, and what it scales stays", async () => {
      await place.pulumi("destroy", "--yes", "--skip-preview", "--refresh", "--stack", "dev");
      const { groups, permissions } = await place.world((world) => world);
      assert.deepEqual(Object.keys(groups), [group]);
      assert.deepEqual(names(groups[group]), []);
      for (const permission of Object.keys(permissions)) used[cloud].add(permission);
    });
  });

for (const cloud of Object.keys(ROLES) as Cloud[])
  test(`the role of the capacity stack on ${cloud} grants what all of this took, and nothing else`, () => {
    assert.deepEqual(ROLES[cloud]().sort(), [...used[cloud]].sort());
  });

function role(file: string): string {
  return readFileSync(new URL(`../../stacks/${file}`, import.meta.url), "utf8");
}
