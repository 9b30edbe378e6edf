import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { editCapacity } from "../../model/capacity.ts";
import { deploy, type Place } from "../clouds/place.ts";

const PACK = fileURLToPath(new URL("../../policies/pack/pulumi-policy-foreshadow", import.meta.url));
const GIBI = 1024 ** 3;

/** What is allowed on each cloud, a type beside it, and a price that a floor of nine goes beyond. */
const CLOUDS = {
  aws: { allowed: "m7i.*", other: "c7i.large", budget: "0.80 USD/h" },
  gcp: { allowed: "c4-*", other: "n2-standard-2", budget: "0.80 USD/h" },
  azure: { allowed: "Standard_D*", other: "Standard_E2s_v5", budget: "0.80 USD/h" },
} as const;

for (const [cloud, { allowed, other, budget }] of Object.entries(CLOUDS))
  describe(`a person's own pulumi up on a simulated ${cloud}, with the policy pack`, { timeout: 1_800_000 }, () => {
    let place: Place;
    before(async () => {
      place = await deploy(cloud as keyof typeof CLOUDS, {});
      const project = join(place.root, "foreshadow.yaml");
      const text = readFileSync(project, "utf8");
      writeFileSync(project, text.replace("    constraints:", `    catalogue: ${cloud}\n    constraints:`));
      writeFileSync(
        join(place.root, "policies", "web.yaml"),
        `version: 1
availability: { replicas: { min: 2, max: 20 }, zones: 3 }
cost: { max: ${budget}, onBudget: cap, perReplica: 0.10 USD/h }
limits: { instances: ["${allowed}"], diskGrowth: 50%, changes: 8 }
`,
      );
    });
    after(() => place?.remove());

    /** Asks for a capacity by a plain `pulumi up`. @returns what it said where it was refused */
    const up = async (
      change: (capacity: Awaited<ReturnType<Place["capacity"]>>) => Awaited<ReturnType<Place["capacity"]>>,
    ) => {
      const file = join(place.root, "capacity", "dev.yaml");
      const before = readFileSync(file, "utf8");
      writeFileSync(file, editCapacity(before, file, "web", change(await place.capacity())));
      const args = ["up", "--yes", "--skip-preview", "--stack", "dev", "--policy-pack", PACK, "--color", "never"];
      const refused = await place.pulumi(...args).then(
        () => undefined,
        ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
      );
      if (refused !== undefined) writeFileSync(file, before);
      return refused;
    };

    it("is refused beyond each limit, in the limit's words, and passes within them", async () => {
      assert.match(
        (await up((was) => ({ ...was, replicas: { floor: 2, ceiling: 40 } }))) ?? "",
        /expected 2 to 20 replicas/,
      );
      assert.match(
        (await up((was) => ({ ...was, replicas: { floor: 9, ceiling: 10 } }))) ?? "",
        /expected at most 0\.\d+ USD\/h/,
      );
      const type = await up((was) => ({ ...was, perReplica: { ...was.perReplica, instance: other } }));
      assert.match(type ?? "", /expected an instance type of /);
      const disk = await up((was) => ({ ...was, storage: { ...was.storage, size: 151 * GIBI } }));
      assert.match(disk ?? "", /expected at most 150, 50 % more than it is, found 151/);
      assert.match(await place.preview(), /unchanged/);
      assert.doesNotMatch(await place.preview(), /to update/);

      const within = await up((was) => ({
        ...was,
        replicas: { floor: 3, ceiling: 12 },
        storage: { ...was.storage, size: 150 * GIBI },
      }));
      assert.equal(within, undefined);
    });

    it("is refused where it would change more at once than is allowed", async () => {
      const file = join(place.root, "policies", "web.yaml");
      writeFileSync(file, readFileSync(file, "utf8").replace("changes: 8", "changes: 1"));
      const refused = await up((was) => ({
        ...was,
        replicas: { floor: 4, ceiling: 12 },
        storage: { ...was.storage, size: 160 * GIBI },
      }));
      assert.match(refused ?? "", /expected at most 1 of its resources to change at once/);
    });
  });
