export type Properties = Record<string, unknown>;

/** A resource that was put somewhere: its identifier, and what the cloud says of it. */
export interface Placed {
  readonly id: string;
  readonly outputs: Properties;
}

/** Where things may be made and tried, apart from everything else of an account: each has the sandbox's name in its own, and its tag. */
export interface Sandbox {
  /** In names and tags of everything in it: `foreshadow-conformance-…`. */
  readonly name: string;
  /** Region, or Azure's location. */
  readonly region: string;
  /** Google Cloud's project; empty elsewhere. */
  readonly project: string;
  /** Seconds within which a cloud's own autoscaler must have acted. */
  readonly patience: number;
  /** Makes a resource, or changes it. Types and properties are those of Pulumi's SDKs. @throws Error with the cloud's refusal */
  put(name: string, type: string, properties: Properties): Promise<Placed>;
  remove(name: string): Promise<void>;
  /** What the cloud says of a resource now; `undefined` when it is gone. */
  read(name: string): Promise<Properties | undefined>;
  /** A function of the cloud's SDK, which changes nothing. */
  look(token: string, properties: Properties): Promise<Properties>;
  /** Takes everything away. @throws Error when something stays */
  close(): Promise<void>;
}

/** One behaviour that Foreshadow builds on. */
export interface Check {
  readonly behaviour: string;
  /** @throws Error when the cloud behaves otherwise */
  run(): Promise<void>;
}

/** What holds of a cloud where Foreshadow works on it. The checks run in their order, on the same resources. */
export interface Contract {
  /** What a run puts in the account at most, and what that costs. */
  readonly cost: string;
  checks(sandbox: Sandbox): readonly Check[];
}
