/** What happened, before it has its place in the chain. */
export interface LedgerEvent {
  /** Epoch seconds. */
  readonly at: number;
  /** `decision`, `state`, `approval`, `apply`, `verify`, `rollback`, `freeze`, `pin`, `recalibration`, `quarantine`, `alert`, `tick`. */
  readonly kind: string;
  readonly workload?: string;
  readonly changeset?: string;
  /** Plain JSON; no secrets. */
  readonly body: { readonly [key: string]: unknown };
}

/** An event in its place: `hash` is SHA-256 over the canonical JSON of everything else, `previous` the hash before it. */
export interface LedgerEntry extends LedgerEvent {
  /** 1 for the first. */
  readonly sequence: number;
  readonly previous: string;
  readonly hash: string;
}

/** Height and hash of the last entry, with the Ed25519 signature over both. */
export interface LedgerHead {
  readonly sequence: number;
  readonly hash: string;
  readonly signature: string;
}

/** The form in which a head goes into the trailer of a commit: `SEQUENCE:HASH`, with `:SIGNATURE` in commits made for it alone. */
export type LedgerAnchor = `${number}:${string}`;
