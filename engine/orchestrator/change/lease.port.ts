/** The right to act on a stack. It excludes other engines; Pulumi's own lock excludes other Pulumi operations. */
export interface Lease {
  readonly holder: string;
  /** Rises with every new holder, so that a late write by a former one can be told. */
  readonly token: number;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

export interface LeasePort {
  /** The lease, or `undefined` while another holder's is valid at `now`. */
  acquire(name: string, holder: string, now: number, seconds: number): Promise<Lease | undefined>;
  /** @returns false when the lease is no longer ours */
  renew(name: string, lease: Lease, now: number, seconds: number): Promise<boolean>;
  release(name: string, lease: Lease): Promise<void>;
}

/** Who may act, as engines with stores of their own see it. */
export interface LeaseRecord {
  /** Empty where nobody has it. */
  readonly holder: string;
  /** Rises with every new holder. */
  readonly token: number;
  /** Moves with every renewal. */
  readonly beat: number;
}

/** A place that all engines of a stack reach, changed by compare-and-swap. All methods throw ReviewHostError when it is out of reach. */
export interface SharedLeaseRecord {
  /** What is there, and its version: empty where nothing is. */
  read(): Promise<{ readonly version: string; readonly record?: LeaseRecord }>;
  /** @returns the new version; `undefined` when it is no longer the expected one: nothing was changed */
  write(record: LeaseRecord, expected: string): Promise<string | undefined>;
}
