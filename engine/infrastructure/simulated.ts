import { baseReplicas, type Capacity, type CapacityFile } from "../../model/capacity.ts";
import type { PropertyChange, StackReference } from "../../model/changeset.ts";
import { differingPaths, valueAt } from "../../model/property-path.ts";
import { digest } from "../orchestrator/change/digest.ts";
import {
  type ApplyResult,
  type Infrastructure,
  InfrastructureError,
  type Operation,
  type Preview,
  type ResourceState,
  type Settlement,
} from "../orchestrator/change/infrastructure.port.ts";

/** What goes wrong with the next apply. */
export type SimulatedFault =
  /** Somebody else holds the stack. */
  | "locked"
  /** The provider refuses the first resource. */
  | "refused"
  /** The first changed resource lands, then the provider fails. */
  | "partial"
  /** The process is gone, and what it did landed. */
  | "lost-landed"
  /** The process is gone before it did anything. */
  | "lost-before";

type World = ReadonlyMap<string, ResourceState>;

/** A stack whose world is a map in memory, for tests: pools, volumes and bandwidths as the capacity file of a checkout has them. */
export class SimulatedInfrastructure implements Infrastructure {
  /** What is, by resource name. */
  world: World;
  /** What was last recorded. */
  state: World;
  /** Names of resources in the order in which they were written. */
  readonly writes: string[] = [];
  readonly faults: SimulatedFault[] = [];
  readonly #capacityOf: (checkout: string) => Promise<CapacityFile>;
  readonly #applies = new Map<string, { result?: ApplyResult; begun: boolean }>();

  /** @param deployed checkout that is in force at the start */
  static async create(
    capacityOf: (checkout: string) => Promise<CapacityFile>,
    deployed: string,
  ): Promise<SimulatedInfrastructure> {
    return new SimulatedInfrastructure(capacityOf, worldOf(await capacityOf(deployed)));
  }

  constructor(capacityOf: (checkout: string) => Promise<CapacityFile>, deployed: World) {
    this.#capacityOf = capacityOf;
    this.world = deployed;
    this.state = deployed;
  }

  /** Somebody changes the world by hand. */
  drift(name: string, inputs: Readonly<Record<string, unknown>>): void {
    const resource = this.world.get(name);
    if (resource === undefined) throw new RangeError(`world: expected ${name}, found none`);
    this.world = new Map(this.world).set(name, { ...resource, inputs: { ...resource.inputs, ...inputs } });
  }

  async begin(operation: string, _stack: StackReference): Promise<Operation> {
    if (this.#applies.has(operation)) throw new InfrastructureError("program", `operation ${operation} is in use`);
    this.#applies.set(operation, { begun: false });
    return {
      preview: async (checkout) => this.#preview(this.world, worldOf(await this.#capacityOf(checkout))),
      rehearse: async (checkout, expected) => {
        const resources = new Map(expected.resources.map((resource) => [resource.name, resource]));
        return { ...this.#preview(resources, worldOf(await this.#capacityOf(checkout))), drift: [] };
      },
      apply: (checkout, expectedState) => this.#apply(operation, checkout, expectedState),
      // Its world follows from capacity alone: no program is ever behind.
      deployedCommit: async () => undefined,
      end: async () => {},
    };
  }

  async settle(operation: string): Promise<Settlement> {
    const { begun = false, result } = this.#applies.get(operation) ?? {};
    if (begun && result === undefined) this.state = this.world;
    return { applyBegun: begun, ...(result && { applyResult: result }), cleared: [] };
  }

  async sweep(): Promise<void> {}

  #preview(from: World, to: World): Preview {
    return {
      changes: difference(from, to),
      drift: difference(this.state, this.world),
      resources: [...to.values()],
      present: [...this.world.values()],
      policyViolations: [],
      stateDigest: digest([...this.state.values()]),
      seconds: 0,
    };
  }

  async #apply(operation: string, checkout: string, expectedState: string | undefined): Promise<ApplyResult> {
    const fault = this.faults.shift();
    if (fault === "locked") throw new InfrastructureError("locked", "the stack is locked by somebody@elsewhere");
    this.#applies.set(operation, { begun: true });
    if (fault === "lost-before") throw new InfrastructureError("lost", "the process ended before its answer");
    const finish = (result: ApplyResult) => {
      this.#applies.set(operation, { begun: true, result });
      return result;
    };
    if (expectedState !== undefined && expectedState !== digest([...this.state.values()]))
      return finish({ outcome: "failed", moved: true, seconds: 0 });
    if (fault === "refused") return finish({ outcome: "failed", message: "the provider refuses", seconds: 0 });
    const wanted = worldOf(await this.#capacityOf(checkout));
    const changed = [...new Set(difference(this.world, wanted).map(({ resource }) => resource))];
    const landing = fault === "partial" ? changed.slice(0, 1) : changed;
    const next = new Map(this.world);
    for (const name of landing) {
      const resource = wanted.get(name);
      if (resource === undefined) next.delete(name);
      else next.set(name, resource);
      this.writes.push(name);
    }
    this.world = next;
    if (fault === "lost-landed") throw new InfrastructureError("lost", "the process ended before its answer");
    this.state = this.world;
    if (fault === "partial") return finish({ outcome: "failed", message: "the provider failed half way", seconds: 0 });
    return finish({ outcome: "applied", seconds: 0 });
  }
}

function worldOf(file: CapacityFile): World {
  return new Map([...file].flatMap(([workload, capacity]) => resourcesOf(workload, capacity)).map((r) => [r.name, r]));
}

function resourcesOf(workload: string, capacity: Capacity): ResourceState[] {
  const replicas = baseReplicas(capacity);
  const plan = capacity.plan.length > 0 ? { plan: capacity.plan } : {};
  const pool = resource("Pool", workload, { replicas, ...plan, ...capacity.perReplica }, { ready: replicas });
  const parts = [pool];
  if (capacity.storage.size !== undefined) parts.push(resource("Volume", `${workload}-data`, { ...capacity.storage }));
  if (capacity.network.bandwidth !== undefined)
    parts.push(resource("Bandwidth", `${workload}-bandwidth`, { ...capacity.network }));
  return parts;
}

function resource(
  kind: string,
  name: string,
  inputs: Record<string, unknown>,
  outputs: Record<string, unknown> = {},
): ResourceState {
  const type = `simulated:index:${kind}`;
  return { urn: `urn:pulumi:dev::simulated::${type}::${name}`, type, name, inputs, outputs: { ...inputs, ...outputs } };
}

function difference(from: World, to: World): PropertyChange[] {
  return [...new Set([...from.keys(), ...to.keys()])]
    .sort()
    .flatMap((name) => changesOf(name, from.get(name), to.get(name)));
}

function changesOf(name: string, old: ResourceState | undefined, next: ResourceState | undefined): PropertyChange[] {
  const { urn, type } = (next ?? old)!;
  const place = { urn, type, resource: name };
  if (old === undefined) return [{ ...place, operation: "create", property: "", after: next?.inputs }];
  if (next === undefined) return [{ ...place, operation: "delete", property: "", before: old.inputs }];
  const operation = Number(next.inputs.size) < Number(old.inputs.size) ? "replace" : "update";
  return differingPaths(old.inputs, next.inputs).map((property) => ({
    ...place,
    operation,
    property,
    before: valueAt(old.inputs, property),
    after: valueAt(next.inputs, property),
  }));
}
