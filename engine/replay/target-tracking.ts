import { ceiling } from "../orchestrator/finite.ts";

const OUT_AFTER = 180;
const IN_AFTER = 900;
/** Scale-in begins below this share of the target. */
const IN_BELOW = 0.9;

/**
 * The native rule of a cloud's autoscaler, target tracking: out after three minutes above the utilisation target, in after fifteen below nine
 * tenths of it, each time to what the target needs. As AWS describes its alarms (EC2 Auto Scaling user guide, "Target tracking scaling
 * policies"); simplified as in the usual comparisons.
 */
export class TargetTracking {
  private readonly utilisation: number;
  private readonly outAfter: number;
  private readonly inAfter: number;
  private above = 0;
  private below = 0;

  /**
   * @param utilisation target, 0 to 1
   * @param step seconds a tick
   */
  constructor(utilisation: number, step: number) {
    this.utilisation = utilisation;
    this.outAfter = Math.max(1, Math.floor(OUT_AFTER / step));
    this.inAfter = Math.max(1, Math.floor(IN_AFTER / step));
  }

  /**
   * The count it asks for at the end of a tick.
   *
   * @param load demand in full replicas; NaN leaves the count
   * @param current replicas that there are, starting ones included
   */
  target(load: number, current: number): number {
    if (Number.isNaN(load)) return current;
    const used = load / Math.max(1, current);
    this.above = used > this.utilisation ? this.above + 1 : 0;
    this.below = used < IN_BELOW * this.utilisation ? this.below + 1 : 0;
    const wanted = ceiling(load / this.utilisation);
    if (this.above >= this.outAfter) return Math.max(current, wanted);
    return this.below >= this.inAfter ? wanted : current;
  }
}
