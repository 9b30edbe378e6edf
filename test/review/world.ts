import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SimulatedInfrastructure } from "../../engine/infrastructure/simulated.ts";
import { ChangeManager } from "../../engine/orchestrator/change/change-manager.ts";
import type { Proposal } from "../../engine/orchestrator/change/intent.ts";
import { GitHub } from "../../engine/review/github.ts";
import { githubRequests } from "../../engine/review/github-requests.ts";
import { PlainGit } from "../../engine/review/plain-git.ts";
import { mergedCommit } from "../../engine/review/pull-request-book.ts";
import { PullRequests } from "../../engine/review/pull-requests.ts";
import { githubAccess, RemoteBranches } from "../../engine/review/remote-branches.ts";
import type { WaitingEnvelope } from "../../engine/review/waiting-envelope.ts";
import { type Capacity, parseCapacity } from "../../model/capacity.ts";
import type { Changeset } from "../../model/changeset.ts";
import { parseConstraints } from "../../model/constraints.ts";
import { MemoryControlStore } from "../change/memory-control-store.ts";
import { GitHubServer, type GitHubServerOptions, REPOSITORY } from "./github-server.ts";

export const PATH = "capacity/dev.yaml";
const STACK = { dir: ".", name: "dev" } as const;
/** Any appearance of it outside the two headers is a leak. */
const TOKEN = "ghp_canary0123456789";
const DEPLOYED = `version: 1
# People write here, too.
web:
  owns: desired
  replicas: { count: 2 }
  perReplica: { cpu: 1, memory: 1GiB }
api:
  owns: desired
  replicas: { count: 1 }
  perReplica: { cpu: 1 }
`;
const DAY = 86_400;

/** A repository on a local GitHub, a clone of it, and change with everything real but the infrastructure, which is simulated, and the clock. */
export async function createWorld(options: Pick<GitHubServerOptions, "api" | "prefix">) {
  const base = mkdtempSync(join(tmpdir(), "foreshadow-github-"));
  const server = new GitHubServer({ directory: join(base, "hosted"), token: TOKEN, ...options });
  await server.start();
  const root = join(base, "work");
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@localhost", ...args], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trimEnd();
  mkdirSync(join(root, "capacity"), { recursive: true });
  const bare = join(base, "hosted", `${REPOSITORY}.git`);
  execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch", "main", bare]);
  execFileSync("git", ["-C", bare, "config", "http.receivepack", "true"]);
  git("init", "--quiet", "--initial-branch", "main");
  writeFileSync(join(root, PATH), DEPLOYED);
  writeFileSync(join(root, "index.ts"), "// a program\n");
  git("add", ".");
  git("commit", "--quiet", "-m", "A shop");
  git("push", "--quiet", bare, "main");
  git("remote", "add", "origin", server.clone);

  let [now, identifiers] = [1_800_000_000, 0];
  const clock = { now: () => now, monotonic: () => now };
  const store = new MemoryControlStore();
  const access = githubAccess(root, "origin", server.api, () => TOKEN);
  const review = new PlainGit({
    root,
    store: join(base, "store"),
    remote: "origin",
    access,
    merged: (changeset) => mergedCommit(store, changeset),
    monotonic: () => now,
  });
  const infrastructure = await SimulatedInfrastructure.create(
    async (checkout) => parseCapacity(readFileSync(join(checkout, PATH), "utf8"), PATH),
    root,
  );
  const rules = parseConstraints("version: 1\navailability: { replicas: { min: 1, max: 10 } }\n", "web.yaml");
  const manager = new ChangeManager({
    store,
    review,
    infrastructure,
    progress: { notify() {} },
    clock,
    newId: () => `cs-${++identifiers}`,
    constraints: () => rules,
    limits: { verifyDeadline: 3, verifyInterval: 0 },
  });
  const work: Promise<unknown>[] = [];
  const alerts: string[] = [];
  const envelopes: WaitingEnvelope[] = [];
  const rejected: string[] = [];
  const requests = () => githubRequests({ api: server.api, token: () => TOKEN, now: () => now, sleep: async () => {} });
  const start = () =>
    new PullRequests({
      host: new GitHub(requests(), REPOSITORY),
      branches: new RemoteBranches({
        root,
        store: join(base, "store"),
        remote: "origin",
        access,
        review,
        branch: () => review.branch(),
      }),
      control: store,
      decisions: {
        approve: async (id, by) => {
          work.push(manager.approve(id, by));
        },
        reject: async (id, by) => {
          await manager.reject(id, by);
        },
        rejectEnvelope: async (id, by) => {
          rejected.push(`${id} ${by}`);
          envelopes.length = 0;
        },
        propose: async (proposal) => {
          const changeset = await manager.propose(proposal);
          work.push(manager.advance(changeset.id));
          return changeset;
        },
      },
      envelopes: async () => envelopes,
      workloads: ["web", "api"].map((name) => ({ name, stack: STACK })),
      clock,
      expiry: 7 * DAY,
      alert: (text) => alerts.push(text),
    });
  let pulls = start();
  const settle = async () => {
    await Promise.all(work.splice(0));
  };
  return {
    server,
    store,
    manager,
    infrastructure,
    review,
    root,
    git,
    alerts,
    branch: "foreshadow/review/dev",
    token: TOKEN,
    /** Looks, lets what follows from it come to its end, and looks again. */
    look: async () => {
      await pulls.look();
      await settle();
      await pulls.look();
    },
    lookOnce: () => pulls.look(),
    /** Another engine takes over from what is stored. */
    restart: () => {
      pulls = start();
    },
    pass: (seconds: number) => {
      now += seconds;
    },
    /** A decision that asks for so many replicas, judged. */
    propose: async (workload: "web" | "api", count: number, rest: Partial<Proposal> = {}): Promise<Changeset> => {
      const text = await review.read(await review.head(), PATH);
      const section = parseCapacity(text!, PATH).get(workload) as Capacity;
      const { id } = await manager.propose({
        workload,
        stack: STACK,
        after: { ...section, replicas: { count } },
        reasons: [{ kind: "forecast", text: "demand rises", series: "cpu" }],
        mode: "review",
        ...rest,
      });
      return manager.advance(id);
    },
    rejected,
    /** An envelope of web is proposed, as the engine does. */
    proposeEnvelope: async (greatest: number) => {
      const path = "capacity/dev.envelope.yaml";
      const text = `version: 1\nweb:\n  until: 2027-02-01T00:00Z\n  hours:\n    00-08: { least: 1, greatest: 3 }\n    08-24: { least: 2, greatest: ${greatest} }\n`;
      const id = "envelope-dev";
      const commit = await review.propose({
        changeset: id,
        parent: await review.head(),
        path,
        text,
        subject: "dev: envelope of web",
        body: "",
        trailers: [["Foreshadow-Envelope", id]],
        at: now,
      });
      envelopes.splice(0, 1, { id, stack: "dev", path, workloads: ["web"], text, commit });
    },
    replicas: (workload: string) => infrastructure.world.get(workload)?.inputs.replicas,
    remove: async () => {
      await pulls.close();
      await server.stop();
      rmSync(base, { recursive: true, force: true });
    },
  };
}
export type World = Awaited<ReturnType<typeof createWorld>>;
