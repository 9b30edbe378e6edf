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
