import { openRehearsal } from "../../stacks/simulated/rehearsal.ts";
import { inService } from "../../stacks/simulated/scaled-group.ts";
import { worldAt } from "../../stacks/simulated/world-file.ts";
import { openEngine } from "../change/engine.ts";
import { GROUP, wantedOf } from "./kill-ground.ts";

/**
 * An engine on a simulated AWS as a process of its own, to be killed. `propose FLOOR AT GIB` proposes that and carries it out, `recover` takes
 * up what a former one left. Tells its steps line by line; ends when nothing is left to do.
 */
const [directory, command, ...figures] = process.argv.slice(2);
const { root, worldFile } = openRehearsal("aws", directory);
const now = () => Date.now() / 1000;
const { manager, store, review } = openEngine(
  { root, store: `${root}/.foreshadow`, env: process.env },
  {
    limits: { attempts: 10 },
    infrastructure: { leftoverGrace: 1.5 },
    // What the cloud itself counts, as it is by now.
    status: {
      read: () => ({
        ready: inService(worldAt(worldFile, now()).groups[GROUP], now()),
        warming: 0,
        warmingPids: [],
        at: now(),
      }),
    },
    onMessage: (message) => process.stdout.write(`${JSON.stringify(message)}\n`),
  },
);
if (command === "propose") {
  const text = (await review.read(await review.head(), "capacity/dev.yaml"))!;
  const [floor, at, gibibytes] = figures.map(Number);
  const { id } = await manager.propose({
    workload: "web",
    stack: { dir: ".", name: "dev" },
    after: wantedOf(text, { floor, at, gibibytes }),
    reasons: [{ kind: "forecast", text: "demand rises" }],
    mode: "auto",
  });
  await manager.advance(id);
}
// As a daemon does: what was out of reach, or whose process was killed, is tried again.
for (let pass = 0; pass < 10 && (await manager.recover()).length > 0; pass++);
store.close();
