import { hostname } from "node:os";
import { writeFileAtomically } from "./atomic-file.ts";
import type { Clock } from "./clock.port.ts";
import type { Lease, LeasePort } from "./orchestrator/change/lease.port.ts";
import type { SharedLease } from "./shared-lease.ts";

const NAME = "engine";
const SECONDS = 30;

export interface HeldLease {
  /** File that holds the token of whoever may act; a program that was started with another one throws before its first resource. */
  readonly file: string;
  token(): string;
  /** Whether this engine may act. */
  holds(): boolean;
  release(): Promise<void>;
}

/**
 * Takes the engine's lease and keeps it. The token is written to a file that the Pulumi program compares with the one it was started
 * with, so that a write that comes late, after the lease has passed on, is refused under Pulumi's own lock. Where engines with stores of their own
 * share the stacks, the file also says until when: an engine that was frozen renews nothing, and what it started is refused from then on.
 *
 * @throws Error when another engine holds it
 */
export async function holdLease(
  leases: LeasePort,
  file: string,
  clock: Clock,
  say: (text: string) => void,
  shared?: SharedLease,
): Promise<HeldLease> {
  const holder = hostname();
  /** Who had the shared lease when it was last looked at. */
  let standsBy: string | undefined;
  const lease = await takeLease(leases, holder, clock, say);
  const token = () => (shared === undefined ? String(lease.token) : `${lease.token}.${shared.held?.token ?? "none"}`);
  const write = () => {
    const until = shared?.held?.until;
    writeFileAtomically(file, until === undefined ? token() : `${token()}\n${until.monotonic} ${until.wall}\n`);
  };
  const stop = [every((SECONDS * 1000) / 3, renewOwn)];
  if (shared !== undefined) {
    await tend(shared);
    stop.push(every(shared.every * 1000, () => tend(shared)));
  }
  write();
  return {
    file,
    token,
    holds: () => shared === undefined || shared.held !== undefined,
    release: async () => {
      for (const end of stop) await end();
      await shared?.release().catch((error: Error) => say(`the shared lease runs out by itself: ${error.message}`));
      await leases.release(NAME, lease);
    },
  };

  async function renewOwn(): Promise<void> {
    try {
      if (!(await leases.renew(NAME, lease, clock.now(), SECONDS)))
        say("the engine's lease has passed to another engine: what this one starts from now on is refused");
    } catch (error) {
      say(`the lease could not be renewed: ${(error as Error).message}`);
    }
  }

  async function tend(shared: SharedLease): Promise<void> {
    const before = shared.held?.token;
    try {
      const other = await shared.tend();
      if (other !== undefined && before !== undefined)
        say(`the shared lease has passed to ${other}: this engine only watches`);
      else if (other !== undefined && standsBy !== other)
        say(`${other} has the shared lease: this engine only watches`);
      else if (other === undefined && before !== shared.held?.token) say("this engine has the shared lease: it acts");
      standsBy = other;
    } catch (error) {
      say(`the shared lease could not be looked at: ${(error as Error).message}`);
    }
    write();
  }
}

/** Repeats work, one call after the other. @returns a function that ends it, and what is under way */
function every(milliseconds: number, work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= work().finally(() => {
      running = undefined;
    });
  }, milliseconds);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

/**
 * An engine of this host that was killed leaves a lease that has not run out. It is certainly gone, since this process has the
 * store's instance lock: its lease is ended, and a new token keeps late writes of its operations out. A lease of another host is waited for.
 */
async function takeLease(leases: LeasePort, holder: string, clock: Clock, say: (text: string) => void): Promise<Lease> {
  for (let waited = 0; ; waited++) {
    const lease = await leases.acquire(NAME, holder, clock.now(), SECONDS);
    if (lease !== undefined) {
      await leases.release(NAME, lease);
      const fresh = await leases.acquire(NAME, holder, clock.now(), SECONDS);
      if (fresh !== undefined) return fresh;
    }
    if (waited === 0) say("another host's engine holds the lease of this store: waiting for it to run out …");
    if (waited > 4 * SECONDS)
      throw new Error("another engine holds the lease of this store; stop it first, or use another store");
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
