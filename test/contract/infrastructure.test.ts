import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { PulumiInfrastructure } from "../../engine/infrastructure/pulumi-infrastructure.ts";
import { SimulatedInfrastructure } from "../../engine/infrastructure/simulated.ts";
import { editCapacity, parseCapacity } from "../../model/capacity.ts";
import { createFileWorld, type FileWorld, STACK } from "../change/file-world.ts";
import { type Deployed, infrastructureContract } from "./infrastructure.contract.ts";

const FILE = "dev.yaml";

function capacityText(replicas: number, text = "version: 1\n"): string {
  const known = parseCapacity(text, FILE).get("web");
  const web = {
    ...(known ?? { owns: "desired", plan: [], perReplica: { cpu: 1 }, storage: {}, network: {} }),
  } as const;
  return editCapacity(text, FILE, "web", { ...web, owns: "desired", replicas: { count: replicas } });
}

infrastructureContract("the simulated stack", async () => {
  // A checkout is its own content here.
  const capacityOf = async (checkout: string) => parseCapacity(checkout, FILE);
  const infrastructure = await SimulatedInfrastructure.create(capacityOf, capacityText(2));
  return {
    infrastructure,
    stack: STACK,
    checkout: async (replicas) => capacityText(replicas),
    replicas: () => infrastructure.world.get("web")?.inputs.replicas as number,
    drift: (replicas) => infrastructure.drift("web", { replicas }),
  };
});

let deployed: FileWorld | undefined;
const leftovers: (() => void)[] = [];
after(() => {
  for (const remove of leftovers) remove();
});

infrastructureContract("a Pulumi stack", async (): Promise<Deployed> => {
  if (deployed === undefined) {
    deployed = await createFileWorld();
    leftovers.push(deployed.remove);
  }
  const world = await createFileWorld({ from: deployed });
  leftovers.push(world.remove);
  return {
    infrastructure: new PulumiInfrastructure({ root: world.root, store: world.store, env: world.env, niceness: 0 }),
    stack: STACK,
    async checkout(replicas) {
      const directory = mkdtempSync(join(tmpdir(), "foreshadow-checkout-"));
      leftovers.push(() => rmSync(directory, { recursive: true, force: true }));
      cpSync(world.root, directory, {
        recursive: true,
        filter: (path) => !/\.git$|node_modules$|\.foreshadow$/.test(path),
      });
      symlinkSync(join(world.root, "node_modules"), join(directory, "node_modules"));
      const path = join(directory, "capacity", FILE);
      writeFileSync(path, capacityText(replicas, readFileSync(path, "utf8")));
      return directory;
    },
    replicas: () => world.resource("web")?.replicas as number,
    drift: (replicas) => world.change("web", { ...world.resource("web"), replicas }),
  };
});
