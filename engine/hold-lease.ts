import { hostname } from "node:os";
import { writeFileAtomically } from "./atomic-file.ts";
import type { Clock } from "./clock.port.ts";
import type { Lease, LeasePort } from "./orchestrator/change/lease.port.ts";

const NAME = "engine";
const SECONDS = 30;

export interface HeldLease {
  /** File that holds the token of whoever may act; a program that was started with another one throws before its first resource. */
  readonly file: string;
  token(): number;
  release(): Promise<void>;
}

/**
 * Takes the engine's lease and keeps it. The token is written to a file that the Pulumi program compares with the one it was started
 * with, so that a write that comes late, after the lease has passed on, is refused under Pulumi's own lock.
 *
 * @throws Error when another engine holds it
 */
export async function holdLease(
  leases: LeasePort,
  file: string,
  clock: Clock,
  say: (text: string) => void,
): Promise<HeldLease> {
  const holder = hostname();
  const lease = await takeLease(leases, holder, clock, say);
  writeFileAtomically(file, String(lease.token));
  const renewal = setInterval(
    () => {
      leases
        .renew(NAME, lease, clock.now(), SECONDS)
        .then((ours) => {
          if (!ours)
            say("the engine's lease has passed to another engine: what this one starts from now on is refused");
        })
        .catch((error: unknown) => say(`the lease could not be renewed: ${(error as Error).message}`));
    },
    (SECONDS * 1000) / 3,
  );
  renewal.unref();
  return {
    file,
    token: () => lease.token,
    release: async () => {
      clearInterval(renewal);
      await leases.release(NAME, lease);
    },
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
