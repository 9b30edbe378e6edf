import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Capacity, parseCapacity } from "../../../model/capacity.ts";
import { parseConstraints } from "../../../model/constraints.ts";
import { MemoryControlStore } from "../../../test/change/memory-control-store.ts";
import { MemoryReviewHost } from "../../../test/change/memory-review-host.ts";
import { SimulatedInfrastructure } from "../../infrastructure/simulated.ts";
import type { ChangeLimits } from "./change-context.ts";
import { ChangeManager } from "./change-manager.ts";
import type { Proposal } from "./intent.ts";
import { NotReversible } from "./inverse.ts";
import type { ProgressMessage } from "./progress.port.ts";
import { IllegalTransition } from "./transitions.ts";

const PATH = "capacity/dev.yaml";
const GiB = 2 ** 30;
const DEPLOYED = `version: 1
web:
  owns: desired
  replicas: { count: 2 }
  perReplica: { cpu: 1, memory: 1GiB }
  storage: { size: 10GiB }
other:
  owns: desired
  replicas: { count: 1 }
  perReplica: { cpu: 1 }
`;
const BEFORE = parseCapacity(DEPLOYED, PATH).get("web") as Capacity;
const AUTOMATIC =
  "version: 1\nchange: { vertical: auto, irreversible: auto }\navailability: { replicas: { min: 1, max: 10 } }\n";

async function open({ constraints = AUTOMATIC, limits = {} as Partial<ChangeLimits>, ready = () => Number.NaN } = {}) {
  const store = new MemoryControlStore();
  const review = new MemoryReviewHost({ [PATH]: DEPLOYED, "index.ts": "a program" });
  const infrastructure = await SimulatedInfrastructure.create(
    async (checkout) => parseCapacity(review.text(checkout, PATH), PATH),
    review.branch,
  );
  const messages: ProgressMessage[] = [];
  let [now, identifiers] = [1000, 0];
  const clock = { now: () => now, monotonic: () => now++ };
  const rules = parseConstraints(constraints, "policies/web.yaml");
  // A manager holds nothing that a crash would lose: a second one on the same store is a restart.
  const start = () =>
    new ChangeManager({
      store,
      review,
      infrastructure,
      progress: { notify: (message) => messages.push(message) },
      clock,
      newId: () => `c${++identifiers}`,
      constraints: () => rules,
      status: {
        read: () => (ready() >= 0 ? { ready: ready(), warming: 0, warmingPids: [], at: now } : undefined),
      },
      limits: { verifyDeadline: 3, verifyInterval: 0, ...limits },
    });
  const replicas = () => infrastructure.world.get("web")?.inputs.replicas;
  const pass = (seconds: number) => {
    now += seconds;
  };
  const alerts = () => messages.flatMap((message) => (message.code === "alert" ? [message.text] : []));
  return { store, review, infrastructure, start, manager: start(), replicas, pass, alerts };
}

const proposal = (after: Partial<Capacity>, rest: Partial<Proposal> = {}): Proposal => ({
  workload: "web",
  stack: { dir: ".", name: "dev" },
  after: { ...BEFORE, ...after },
  reasons: [{ kind: "forecast", text: "demand rises" }],
  mode: "auto",
  ...rest,
});
const FOUR = { replicas: { count: 4 } } as const;

describe("the way of a changeset", () => {
  it("in auto mode goes from intent to done, every step recorded before the next", async () => {
    const { manager, store, review, replicas } = await open();
    const { id } = await manager.propose(proposal(FOUR));
    assert.equal(replicas(), 2, "an intent changes nothing");
    const done = await manager.advance(id);
    assert.equal(done.state, "done", done.failure?.message);
    assert.equal(replicas(), 4);
    assert.equal(done.reversibility, "exact");
    assert.equal(review.branch, done.commit);
    assert.deepEqual(
      store.entries.map(({ kind, body }) => [kind, body.to]),
      [
        ["decision", undefined],
        ["state", "previewing"],
        ["approval", "approved"],
        ["apply", "applying"],
        ["apply", "verifying"],
        ["verify", "done"],
      ],
    );
    assert.deepEqual(await review.anchors(), [`1:${store.entries[0].hash}`], "the commit anchors the intent's entry");
  });

  it("is done when as many replicas are ready as the target itself counts, whatever the state still shows", async () => {
    let readings = 0;
    const { manager } = await open({ ready: () => (readings++ < 1 ? 3 : 4) });
    const { id } = await manager.propose(proposal(FOUR));
    const done = await manager.advance(id);
    assert.deepEqual([done.state, done.ready], ["done", 4]);
  });

  it("has diverged when the target still counts too few at the deadline", async () => {
    const { manager } = await open({ ready: () => 3 });
    const { id } = await manager.propose(proposal(FOUR));
    const after = await manager.advance(id);
    assert.deepEqual([after.state, after.failure?.message], ["diverged", "3 of 4 replicas are ready"]);
  });

  it("in review mode waits, and is carried out when approved", async () => {
    const { manager, replicas } = await open();
    const { id } = await manager.propose(proposal(FOUR, { mode: "review" }));
    assert.equal((await manager.advance(id)).state, "awaiting-approval");
    assert.equal((await manager.advance(id)).state, "awaiting-approval", "asking again changes nothing");
    assert.equal(replicas(), 2);
    const done = await manager.approve(id, "a person");
    assert.deepEqual([done.state, done.approvedBy, replicas()], ["done", "a person", 4]);
  });

  it("merging the proposal's commit approves it", async () => {
    const { manager, review, replicas } = await open();
    const { id } = await manager.propose(proposal(FOUR, { mode: "review" }));
    review.branch = (await manager.advance(id)).commit!;
    const done = await manager.advance(id);
    assert.deepEqual([done.state, done.approvedBy, replicas()], ["done", "merge", 4]);
  });

  it("merged with other numbers, those are judged and carried out", async () => {
    for (const [count, state] of [
      [6, "done"],
      [50, "refused"],
    ] as const) {
      const { manager, review, replicas } = await open();
      const waiting = await manager.advance((await manager.propose(proposal(FOUR, { mode: "review" }))).id);
      await review.push(waiting.commit!, waiting.baseCommit!);
      review.edit(PATH, review.text(review.branch, PATH).replace("count: 4", `count: ${count}`));
      const head = review.branch;
      const after = await manager.advance(waiting.id);
      assert.deepEqual([after.state, after.after.replicas, after.landed], [state, { count }, head]);
      assert.deepEqual([replicas(), review.branch], [state === "done" ? 6 : 2, head]);
    }
  });

  it("rejected, it stays away, and cannot be approved afterwards", async () => {
    const { manager, replicas } = await open();
    const { id } = await manager.propose(proposal(FOUR, { mode: "review" }));
    await manager.advance(id);
    assert.equal((await manager.reject(id, "a person", "not today")).state, "rejected");
    await assert.rejects(manager.approve(id, "another"), IllegalTransition);
    assert.equal(replicas(), 2);
  });

  it("an unanswered proposal lapses", async () => {
    const { manager, pass } = await open({ limits: { approvalExpiry: 60 } });
    const { id } = await manager.propose(proposal(FOUR, { mode: "review" }));
    await manager.advance(id);
    pass(61);
    assert.equal((await manager.advance(id)).state, "expired");
  });

  it("a newer proposal supersedes one that waits", async () => {
    const { manager } = await open();
    const first = await manager.propose(proposal(FOUR, { mode: "review" }));
    await manager.advance(first.id);
    await manager.propose(proposal({ replicas: { count: 5 } }));
    assert.equal((await manager.get(first.id))?.state, "superseded");
  });

  it("what is already so is unchanged, without a preview", async () => {
    const { manager, review } = await open();
    const { branch } = review;
    const result = await manager.advance((await manager.propose(proposal({}))).id);
    assert.deepEqual([result.state, review.branch], ["unchanged", branch]);
  });
});

describe("the gate", () => {
  it("refuses what lies outside the constraints", async () => {
    const { manager, replicas } = await open();
    const refused = await manager.advance((await manager.propose(proposal({ replicas: { count: 11 } }))).id);
    assert.equal(refused.state, "refused");
    assert.match(refused.failure!.message, /replicas: expected 1 to 10, found 11/);
    assert.equal(replicas(), 2);
  });

  it("refuses to shrink storage", async () => {
    const { manager } = await open();
    const refused = await manager.advance((await manager.propose(proposal({ storage: { size: 5 * GiB } }))).id);
    assert.equal(refused.state, "refused");
    assert.match(refused.failure!.message, /storage does not shrink/);
    assert.match(refused.failure!.message, /would replace web-data/);
  });

  it("asks before storage grows, unless the constraints say auto", async () => {
    const grown = { storage: { size: 20 * GiB } };
    const asking = await open({ constraints: "version: 1\n" });
    const waiting = await asking.manager.advance((await asking.manager.propose(proposal(grown))).id);
    assert.deepEqual([waiting.state, waiting.reversibility], ["awaiting-approval", "irreversible"]);
    const automatic = await open();
    const done = await automatic.manager.advance((await automatic.manager.propose(proposal(grown))).id);
    assert.deepEqual([done.state, done.reversibility], ["done", "irreversible"]);
  });

  it("asks before the size of a replica changes, unless the constraints say auto", async () => {
    const { manager } = await open({ constraints: "version: 1\n" });
    const larger = { perReplica: { cpu: 2, memory: GiB } };
    assert.equal((await manager.advance((await manager.propose(proposal(larger))).id)).state, "awaiting-approval");
  });

  it("a freeze stops all but the rescue of present demand; a freeze of all stops that as well", async () => {
    for (const [all, urgent, state] of [
      [false, false, "refused"],
      [false, true, "done"],
      [true, true, "refused"],
    ] as const) {
      const { manager, store } = await open();
      await store.setFreeze({ workload: "*", all, since: 0, by: "a person" });
      const result = await manager.advance((await manager.propose(proposal(FOUR, { urgent }))).id);
      assert.equal(result.state, state, `all: ${all}, urgent: ${urgent}`);
    }
  });

  it("a freeze that comes after the approval still stops the apply", async () => {
    const { manager, store, replicas } = await open();
    const { id } = await manager.propose(proposal(FOUR, { mode: "review" }));
    await manager.advance(id);
    await store.setFreeze({ workload: "web", all: false, since: 0, by: "a person" });
    assert.equal((await manager.approve(id, "another")).state, "cancelled");
    assert.equal(replicas(), 2);
  });

  it("drift blocks and is named; nothing is overwritten", async () => {
    const { manager, infrastructure, replicas, alerts } = await open();
    infrastructure.drift("web", { replicas: 7 });
    const blocked = await manager.advance((await manager.propose(proposal(FOUR))).id);
    assert.equal(blocked.state, "blocked");
    assert.match(blocked.failure!.message, /drift: web\.replicas was changed by others from 2 to 7/);
    assert.equal(replicas(), 7);
    assert.equal(alerts().length, 1);
  });

  it("a capacity file that is ahead of what is deployed blocks", async () => {
    const { manager, review } = await open();
    review.edit(PATH, DEPLOYED.replace("count: 1", "count: 3"));
    const blocked = await manager.advance((await manager.propose(proposal(FOUR))).id);
    assert.equal(blocked.state, "blocked");
    assert.match(blocked.failure!.message, /would update other\.replicas/);
  });
});

describe("an approval binds what matters", () => {
  async function waiting() {
    const opened = await open();
    const { id } = await opened.manager.propose(proposal(FOUR, { mode: "review" }));
    await opened.manager.advance(id);
    return { ...opened, id };
  }

  it("prose on the branch does not touch it: the change goes on top", async () => {
    const { manager, review, id, replicas } = await waiting();
    review.edit("docs/notes.md", "prose");
    const done = await manager.approve(id, "a person");
    assert.deepEqual([done.state, replicas()], ["done", 4]);
    assert.equal(review.text(review.branch, "docs/notes.md"), "prose");
  });

  for (const [what, edit, words] of [
    ["the program", (review: MemoryReviewHost) => review.edit("index.ts", "another program"), /the program/],
    [
      "the stack's configuration",
      (review: MemoryReviewHost) => review.edit("stacks/local/Pulumi.dev.yaml", "config: { image: newer }"),
      /the program/,
    ],
    [
      "the workload's section",
      (review: MemoryReviewHost) => review.edit(PATH, DEPLOYED.replace("count: 2", "count: 3")),
      /section/,
    ],
  ] as const)
    it(`when ${what} has moved, it is asked for again`, async () => {
      const { manager, review, id, replicas, alerts } = await waiting();
      edit(review);
      const result = await manager.approve(id, "a person");
      assert.notEqual(result.state, "done");
      assert.equal(result.approvedBy, undefined);
      assert.equal(replicas(), 2);
      assert.match(alerts().join("\n"), new RegExp(`moved since the approval: .*${words.source}`));
    });

  it("when the bound resource has moved, it is asked for again", async () => {
    const { manager, infrastructure, id, alerts } = await waiting();
    infrastructure.drift("web", { replicas: 1 });
    assert.equal((await manager.approve(id, "a person")).state, "blocked");
    assert.match(alerts().join("\n"), /the inputs of the resources/);
  });
});

describe("an envelope on the branch", () => {
  const FILE = "capacity/dev.envelope.yaml";
  const envelope = (greatest: number, until = "2000-01-01T00:00Z") =>
    `version: 1\nweb:\n  until: ${until}\n  hours:\n    00-24: { least: 1, greatest: ${greatest} }\n`;
  const reviewed = proposal(FOUR, { mode: "review" });

  it("lets a change inside it through without asking, and the record says by what", async () => {
    const { manager, review, store, replicas } = await open();
    review.edit(FILE, envelope(4));
    const commit = review.branch;
    const { id, envelope: by, ...done } = await manager.advance((await manager.propose(reviewed)).id);
    assert.deepEqual([done.state, done.approvedBy, replicas()], ["done", "envelope", 4]);
    const until = Date.UTC(2000, 0) / 1000;
    const floors = { least: 4, greatest: 4 };
    assert.deepEqual(by, { path: FILE, commit, until, floors, approved: { least: 1, greatest: 4 } });
    const approval = store.entries.find(({ kind, changeset }) => kind === "approval" && changeset === id);
    assert.deepEqual(approval?.body.envelope, by);
  });

  it("is not delayed by git out of reach; what asks is, and what was approved otherwise", async () => {
    const { manager, review, replicas } = await open();
    review.edit(FILE, envelope(4));
    review.reachable = false;
    const inside = await manager.advance((await manager.propose(reviewed)).id);
    assert.deepEqual([inside.state, inside.approvedBy, replicas()], ["done", "envelope", 4]);
    const { id } = await manager.propose(proposal({ replicas: { count: 5 } }, { mode: "review" }));
    assert.equal((await manager.advance(id)).state, "awaiting-approval");
    const approved = await manager.approve(id, "a person");
    assert.deepEqual([approved.state, replicas()], ["approved", 4]);
    review.reachable = true;
    assert.equal((await manager.advance(id)).state, "done");
    assert.equal(replicas(), 5);
  });

  it("that does not cover a change, has ended or is damaged makes it ask", async () => {
    for (const [text, words] of [
      [envelope(3), "4 from 1970-01-01T00:"],
      [envelope(4, "1970-01-01T00:01Z"), "the envelope ended at 1970-01-01T00:01Z"],
      ["version: 1\nweb: []\n", "the envelope approves nothing: capacity/dev.envelope.yaml:2"],
    ]) {
      const { manager, review, replicas } = await open();
      review.edit(FILE, text);
      const waiting = await manager.advance((await manager.propose(reviewed)).id);
      assert.deepEqual([waiting.state, replicas()], ["awaiting-approval", 2]);
      assert.ok(waiting.notes?.join("\n").includes(words), waiting.notes?.join("\n"));
    }
  });

  it("does not widen what constraints allow", async () => {
    const { manager, review, replicas } = await open();
    review.edit(FILE, envelope(50));
    const twenty = proposal({ replicas: { count: 20 } }, { mode: "review" });
    assert.equal((await manager.advance((await manager.propose(twenty)).id)).state, "refused");
    assert.equal(replicas(), 2);
  });

  it("that is narrowed while the stack is held sends the change back, and off the branch", async () => {
    const { manager, review, infrastructure, replicas, alerts } = await open();
    review.edit(FILE, envelope(4));
    infrastructure.faults.push("locked");
    const { id } = await manager.propose(reviewed);
    assert.equal((await manager.advance(id)).state, "approved");
    review.edit(FILE, envelope(3));
    const waiting = await manager.advance(id);
    assert.deepEqual([waiting.state, waiting.envelope, replicas()], ["awaiting-approval", undefined, 2]);
    assert.match(alerts().join("\n"), /no envelope approves it any more: mode: review; outside .*: 4 from/);
    assert.equal(review.text(review.branch, PATH), DEPLOYED);
  });

  it("that comes while a change waits lets it through", async () => {
    const { manager, review, replicas } = await open();
    const { id } = await manager.propose(reviewed);
    assert.equal((await manager.advance(id)).state, "awaiting-approval");
    review.edit(FILE, envelope(3));
    assert.equal((await manager.advance(id)).state, "awaiting-approval");
    review.edit(FILE, envelope(4));
    const done = await manager.advance(id);
    assert.deepEqual([done.state, done.approvedBy, replicas()], ["done", "envelope", 4]);
  });
});

describe("rolling back", () => {
  it("is a changeset of its own that restores what was, and is linked both ways", async () => {
    const { manager, store, review, infrastructure, replicas } = await open();
    const { world } = infrastructure;
    const { id } = await manager.advance((await manager.propose(proposal(FOUR))).id);
    const undone = await manager.advance((await manager.rollback(id, "a person")).id);
    assert.deepEqual([undone.state, undone.reverses, undone.approvedBy], ["done", id, "a person"]);
    assert.equal((await manager.get(id))?.reversedBy, undone.id);
    assert.equal((await manager.get(id))?.state, "done");
    assert.equal(replicas(), 2);
    assert.deepEqual(infrastructure.world, world);
    assert.equal(review.text(review.branch, PATH), DEPLOYED);
    assert.ok(store.entries.some(({ kind }) => kind === "rollback"));
  });

  it("is what a revert commit on the branch asks for, and is recorded as one", async () => {
    const { manager, store, review, infrastructure, replicas } = await open();
    const { world } = infrastructure;
    await manager.recover();
    const { id } = await manager.advance((await manager.propose(proposal(FOUR))).id);
    review.edit(PATH, DEPLOYED, id);
    const [undone] = await manager.recover();
    assert.deepEqual([undone.state, undone.reverses, undone.approvedBy], ["done", id, "a person"]);
    assert.equal((await manager.get(id))?.reversedBy, undone.id);
    assert.deepEqual([replicas(), infrastructure.world], [2, world]);
    assert.equal(review.text(review.branch, PATH), DEPLOYED);
    assert.ok(store.entries.some(({ kind, changeset }) => kind === "rollback" && changeset === undone.id));
    assert.deepEqual(await manager.recover(), [], "and once only");
  });

  it("by a revert is nothing where the revert was taken back as well, and refused where constraints forbid it", async () => {
    const { manager, review, replicas } = await open();
    await manager.recover();
    const { id } = await manager.advance((await manager.propose(proposal(FOUR))).id);
    const four = review.text(review.branch, PATH);
    review.edit(PATH, DEPLOYED, id);
    review.edit(PATH, four);
    assert.deepEqual(await manager.recover(), []);
    review.edit(PATH, DEPLOYED.replace("count: 2", "count: 20"), id);
    const [refused] = await manager.recover();
    assert.deepEqual([refused.state, replicas()], ["refused", 4]);
    assert.match(refused.failure!.message, /expected 1 to 10, found 20/);
  });

  it("leaves alone what changed elsewhere since", async () => {
    const { manager, infrastructure } = await open();
    const { id } = await manager.advance((await manager.propose(proposal(FOUR))).id);
    const memory = { perReplica: { cpu: 1, memory: 2 * GiB } };
    await manager.advance((await manager.propose(proposal({ ...FOUR, ...memory }))).id);
    assert.equal((await manager.advance((await manager.rollback(id, "a person")).id)).state, "done");
    const { replicas, memory: size } = infrastructure.world.get("web")!.inputs;
    assert.deepEqual([replicas, size], [2, 2 * GiB]);
  });

  it("says when a later change stands in the way, and when there is no way back", async () => {
    const { manager } = await open();
    const { id } = await manager.advance((await manager.propose(proposal(FOUR))).id);
    const grown = proposal({ replicas: { count: 5 }, storage: { size: 20 * GiB } });
    const second = await manager.advance((await manager.propose(grown)).id);
    await assert.rejects(
      manager.rollback(id, "a person"),
      /replicas has changed since: .* take the later change back first/,
    );
    const undone = await manager.advance((await manager.rollback(second.id, "a person")).id);
    assert.deepEqual(undone.after.storage.size, 20 * GiB, "storage stays grown");
    const third = await manager.advance((await manager.propose(proposal({ ...FOUR, storage: { size: 30 * GiB } }))).id);
    await assert.rejects(manager.rollback(third.id, "a person"), NotReversible);
  });
});

describe("what goes wrong", () => {
  it("somebody else's lock is waited for and alerted, and is no attempt", async () => {
    const { manager, infrastructure, replicas, alerts } = await open();
    infrastructure.faults.push("locked", "locked", "locked", "locked");
    const { id } = await manager.propose(proposal(FOUR));
    for (let i = 0; i < 4; i++) assert.equal((await manager.advance(id)).state, "approved");
    assert.match(alerts()[0], /locked by somebody@elsewhere/);
    const done = await manager.advance(id);
    assert.deepEqual([done.state, done.attempts, replicas()], ["done", 1, 4]);
  });

  it("a newer proposal takes a pushed one that waits for the stack off the branch", async () => {
    const { manager, infrastructure, review, replicas } = await open();
    infrastructure.faults.push("locked");
    const { id } = await manager.advance((await manager.propose(proposal(FOUR))).id);
    assert.equal(parseCapacity(review.text(review.branch, PATH), PATH).get("web")?.replicas !== BEFORE.replicas, true);
    const done = await manager.advance((await manager.propose(proposal({ replicas: { count: 5 } }))).id);
    assert.equal((await manager.get(id))?.state, "superseded");
    assert.deepEqual([done.state, done.before.replicas, replicas()], ["done", { count: 2 }, 5], done.failure?.message);
  });

  it("a proposal that a person has merged is not superseded", async () => {
    const { manager, review } = await open();
    const { id, commit } = await manager.advance((await manager.propose(proposal(FOUR, { mode: "review" }))).id);
    review.branch = commit!;
    await manager.propose(proposal({ replicas: { count: 5 } }));
    assert.equal((await manager.advance(id)).state, "done");
  });

  it("a proposal does not wait for what another workload of the stack is at", async () => {
    const { manager, infrastructure } = await open();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const begin = infrastructure.begin.bind(infrastructure);
    infrastructure.begin = async (...operation) => {
      await held;
      return begin(...operation);
    };
    const { id } = await manager.propose(proposal(FOUR));
    const working = manager.advance(id);
    const other = { ...BEFORE, replicas: { count: 2 }, perReplica: { cpu: 1 }, storage: {} };
    const waiting = await manager.propose(proposal(other, { workload: "other" }));
    assert.equal(waiting.state, "proposed");
    release();
    assert.equal((await working).state, "done");
    assert.equal((await manager.advance(waiting.id)).state, "done");
  });

  it("git out of reach defers; the intent stays", async () => {
    const { manager, review } = await open();
    const { id } = await manager.propose(proposal(FOUR));
    review.reachable = false;
    const deferred = await manager.advance(id);
    assert.deepEqual([deferred.state, deferred.failure?.message], ["approved", "git fetch: no route to host"]);
    review.reachable = true;
    assert.equal((await manager.advance(id)).state, "done");
  });

  it("a decision that could not be tried for long is dropped", async () => {
    const { manager, pass } = await open();
    const { id } = await manager.propose(proposal(FOUR));
    pass(1000);
    assert.equal((await manager.advance(id)).state, "cancelled");
  });

  it("an apply that never succeeds is given up, and git no longer asks for it", async () => {
    const { manager, infrastructure, review, replicas } = await open();
    infrastructure.faults.push("refused", "refused", "refused");
    const result = await manager.advance((await manager.propose(proposal(FOUR))).id);
    assert.deepEqual([result.state, result.attempts], ["cancelled", 3]);
    assert.match(result.failure!.message, /given up after 3 attempts: the provider refuses/);
    assert.equal(replicas(), 2);
    assert.equal(review.text(review.branch, PATH), DEPLOYED);
  });

  it("a process that is gone: the world decides, and nothing is done twice", async () => {
    for (const [fault, writes] of [
      ["lost-landed", 1],
      ["lost-before", 1],
    ] as const) {
      const { manager, infrastructure, replicas } = await open();
      infrastructure.faults.push(fault);
      const done = await manager.advance((await manager.propose(proposal(FOUR))).id);
      assert.deepEqual([done.state, replicas(), infrastructure.writes.length], ["done", 4, writes], fault);
    }
  });

  it("what came about in part is completed by a changeset of its own", async () => {
    const { manager, infrastructure, replicas } = await open();
    infrastructure.faults.push("partial");
    const both = proposal({ ...FOUR, storage: { size: 20 * GiB } });
    const partial = await manager.advance((await manager.propose(both)).id);
    assert.equal(partial.state, "partial");
    const rest = (await manager.list()).find(({ repairs }) => repairs === partial.id);
    assert.equal(rest?.state, "done", rest?.failure?.message);
    assert.equal(replicas(), 4);
    assert.equal(infrastructure.world.get("web-data")?.inputs.size, 20 * GiB);
    assert.deepEqual(infrastructure.writes, ["web", "web-data"], "each once");
  });
});

describe("after a crash", () => {
  for (let saves = 1; saves <= 5; saves++)
    it(`at save ${saves + 1} the next engine carries on, once`, async () => {
      const { manager, start, store, infrastructure, replicas } = await open();
      store.savesLeft = saves;
      const { id } = await manager.propose(proposal(FOUR));
      await manager.advance(id).catch(({ message }) => assert.equal(message, "crashed"));
      store.savesLeft = Number.POSITIVE_INFINITY;
      await start().recover();
      const found = await store.changeset(id);
      assert.deepEqual([found?.state, replicas()], ["done", 4], found?.failure?.message);
      assert.deepEqual(infrastructure.writes, ["web"], "done once");
      assert.deepEqual(await start().recover(), [], "nothing is left to recover");
    });
});
