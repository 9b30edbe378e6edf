import { type Capacity, replicasAt } from "../../model/capacity.ts";
import { SimulatedPool } from "../replay/simulated-pool.ts";
import { TargetTracking } from "../replay/target-tracking.ts";

/** One tick of the demand that came: replicas that it needed (NaN where nothing was measured) and demand in full replicas. */
export interface CameTick {
  readonly need: number;
  readonly load: number;
}

/** What a course of action came to on the demand that came. */
export interface Course {
  /** Ticks whose need was greater than what served. */
  readonly violationTicks: number;
  /** Replica-ticks, from launch. */
  readonly cost: number;
}

/** A capacity that is asked for from an instant on. */
export interface Asked {
  /** Epoch seconds. */
  readonly at: number;
  readonly capacity: Capacity;
}

/** The utilisation that a native autoscaler tracks between floor and ceiling, as in replays. */
const NATIVE_UTILISATION = 0.7;

/**
 * Carries capacities out on the simulated infrastructure of replays, over the demand that came. What was asked for first is there when it
 * begins; with `owns: floor` a native autoscaler (target tracking) acts inside floor and ceiling.
 *
 * @param from epoch seconds at which the first tick begins. @param step seconds a tick. @param delay ticks that a start takes
 * @param asked in ascending order of time, at least one
 */
export function course(
  came: readonly CameTick[],
  from: number,
  step: number,
  delay: number,
  asked: readonly Asked[],
): Course {
  const inForce = (at: number) => asked.findLast((one) => one.at <= at)?.capacity ?? asked[0].capacity;
  const pool = new SimulatedPool(replicasAt(asked[0].capacity, from), delay);
  const native = new TargetTracking(NATIVE_UTILISATION, step);
  let [violationTicks, cost, load] = [0, 0, Number.NaN];
  for (let tick = 0; tick < came.length; tick++) {
    // What is asked for at the end of the tick before.
    const now = from + tick * step;
    pool.ask(target(inForce(now), now, native, load, pool.ready + pool.pending), tick - 1);
    pool.beginTick(tick);
    if (came[tick].need > pool.ready) violationTicks++;
    cost += pool.ready + pool.pending;
    load = came[tick].load;
  }
  return { violationTicks, cost };
}

function target(capacity: Capacity, at: number, native: TargetTracking, load: number, current: number): number {
  const wanted = replicasAt(capacity, at);
  if (!("ceiling" in capacity.replicas)) return wanted;
  return Math.max(wanted, Math.min(capacity.replicas.ceiling, native.target(load, current)));
}
