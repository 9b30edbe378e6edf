import { openEngine } from "./engine.ts";
import { openFileWorld } from "./file-world.ts";
import { proposalFor } from "./proposal.ts";

/**
 * An engine as a process of its own, to be killed. `propose REPLICAS SIZE` proposes that and carries it out, `recover` takes up what a former one
 * left. Tells its steps line by line; ends when nothing is left to do.
 */
const [base, command, replicas, size] = process.argv.slice(2);
const { manager, store } = openEngine(openFileWorld(base), {
  limits: { attempts: 10 },
  infrastructure: { leftoverGrace: 1.5 },
  onMessage: (message) => process.stdout.write(`${JSON.stringify(message)}\n`),
});
if (command === "propose") {
  const { id } = await manager.propose(proposalFor(Number(replicas), Number(size)));
  await manager.advance(id);
}
// As a daemon does: what was out of reach, or whose process was killed, is tried again.
for (let pass = 0; pass < 10 && (await manager.recover()).length > 0; pass++);
store.close();
