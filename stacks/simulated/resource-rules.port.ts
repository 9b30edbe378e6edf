import type { CheckFailure } from "@pulumi/pulumi/provider/index.js";
import type { Properties, SimulatedResource, World } from "./world.ts";

/** What the rules of a type see: the world up to now, which they change in place. What throws leaves it as it was. */
export interface Context {
  readonly world: World;
  /** Epoch seconds. */
  readonly now: number;
  readonly type: string;
}

/** How a simulated cloud treats one type of resource. Inputs are the real SDK's; no value is `undefined` or `null`. */
export interface ResourceRules {
  /** Properties that cannot change in place. */
  readonly replaces?: readonly string[];
  /** More of them, where it depends on what the change is. */
  alsoReplaces?(olds: Properties, news: Properties): readonly string[];
  /** A replacement is made before the former is deleted: versions of a description that others still use. */
  readonly createFirst?: boolean;
  /** Outputs that a change in place may change. */
  readonly volatile?: readonly string[];
  check?(inputs: Properties): CheckFailure[];
  /** @throws Error in the cloud's words */
  create(context: Context, inputs: Properties, name: string): { readonly id: string; readonly outputs: Properties };
  /** The inputs that would lead to what is there now; `undefined` when it is gone. What is not given is as it was set. */
  read?(context: Context, id: string, resource: SimulatedResource): Properties | undefined;
  /** The outputs after the change. @throws Error in the cloud's words */
  update?(context: Context, id: string, resource: SimulatedResource, inputs: Properties): Properties;
  remove?(context: Context, id: string, resource: SimulatedResource): void;
}
