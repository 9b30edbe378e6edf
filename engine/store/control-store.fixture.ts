import type { Changeset } from "../../model/changeset.ts";
import { openControlStore } from "./control-store.ts";
import { storeDirectory } from "./store-directory.ts";

/**
 * Saves changesets as fast as it can until it is killed, and tells each ledger sequence that it was promised.
 * Arguments: the project's directory, a number that makes the identifiers of this run its own.
 */
const [project, run] = process.argv.slice(2);
const capacity = {
  owns: "desired",
  replicas: { count: 1 },
  plan: [],
  perReplica: {},
  storage: {},
  network: {},
} as const;
const store = openControlStore(storeDirectory("sqlite:store", project));
for (let i = 0; ; i++) {
  const changeset: Changeset = {
    id: `${run}-${Math.floor(i / 3)}`,
    workload: "web",
    stack: { dir: "stacks/local", name: "dev" },
    state: "proposed",
    createdAt: i,
    updatedAt: i,
    revision: (i % 3) + 1,
    before: capacity,
    after: capacity,
    reasons: [{ kind: "demand", text: "x".repeat((i * 97) % 5000) }],
  };
  const head = await store.save(changeset, i % 3, { at: i, kind: "state", body: { state: "proposed" } });
  if (i % 10 === 9)
    await store.setFreeze({ workload: `w${i}`, all: false, since: i, by: run }, { at: i, kind: "freeze", body: {} });
  process.stdout.write(`${head.sequence}\n`);
}
