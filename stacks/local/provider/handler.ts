import type { CheckFailure } from "@pulumi/pulumi/provider/index.js";

/** Values of properties as they cross the wire: no undefined, no functions. */
export type Properties = Record<string, unknown>;

/** What the provider does for one type of resource. An identifier is the pool's run directory. */
export interface Handler {
  /** Defaults filled in, and what is wrong. `olds` is empty at creation. Properties that are not known yet are passed over. */
  check(olds: Properties, news: Properties): { inputs: Properties; failures: CheckFailure[] };
  /** Properties that cannot change in place. */
  readonly replaces: readonly string[];
  /** Makes the world as the inputs say, from nothing or from whatever there is. Gives the outputs, inputs among them. */
  ensure(inputs: Properties): Promise<Properties>;
  /**
   * The inputs that would lead to the world as it is, and the outputs; `undefined` when there is nothing. What moves by itself
   * (who is ready just now) is given as it was at the last apply, or every refresh would show a change that nobody made.
   */
  read(runDirectory: string, olds: Properties): Promise<{ inputs: Properties; outputs: Properties } | undefined>;
  remove(runDirectory: string, olds: Properties): Promise<void>;
}
