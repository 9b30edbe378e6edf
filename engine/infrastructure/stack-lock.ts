/** Who holds a lock of one of Pulumi's own (file, S3, GCS, Azure) backends. */
export interface LockOwner {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  readonly at: string;
}

/**
 * The owners that Pulumi names when it refuses to work on a locked stack: `created by root@host (pid 123) at 2026-11-24T08:00:00Z`. Empty
 * where the backend names none, as Pulumi Cloud.
 */
export function lockOwners(message: string): LockOwner[] {
  return [...message.matchAll(/created by (\S+?)@(\S+) \(pid (\d+)\) at (\S+)/g)].map(([, user, host, pid, at]) => ({
    user,
    host,
    pid: Number(pid),
    at,
  }));
}

/** Whether every owner is a process of this host that this operation started. One that is not is reason enough to leave all locks. */
export function isOwnLock(owners: readonly LockOwner[], host: string, pids: ReadonlySet<number>): boolean {
  return owners.length > 0 && owners.every((owner) => owner.host === host && pids.has(owner.pid));
}
