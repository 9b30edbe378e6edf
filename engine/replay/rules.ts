import { ceiling } from "../orchestrator/finite.ts";
import { type ReplaySummary, Score } from "./score.ts";
import { SimulatedPool } from "./simulated-pool.ts";
import { TargetTracking } from "./target-tracking.ts";

/** Rules of other systems, simulated on the same infrastructure, to compare with. */

/** The count a rule asks for at the end of a tick; `load` is that tick's demand in full replicas (NaN where it was not measured), `current` what there is, starting ones included. */
export type Rule = (tick: number, load: number, current: number) => number;

/**
 * HorizontalPodAutoscaler: desired = ⌈current · utilisation ÷ target⌉, a tolerance of 10 %, scale-down to the greatest recommendation of
 * the last five minutes. https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/ ("Algorithm details",
 * "Stabilization window"); its limit on scale-up is four-fold or sixteen more a minute here.
 */
export function horizontalPodAutoscaler(target: number, step: number): Rule {
  const window = Math.max(1, Math.floor(300 / step));
  const recent: number[] = [];
  return (_, load, current) => {
    if (Number.isNaN(load)) return current;
    const ratio = load / (target * Math.max(1, current));
    const wanted = Math.abs(ratio - 1) <= 0.1 ? current : ceiling(load / target);
    const desired = Math.min(wanted, Math.max(16 * current, current + 16));
    recent.push(desired);
    if (recent.length > window) recent.shift();
    return Math.max(desired, Math.min(current, Math.max(...recent)));
  };
}

/**
 * Predictive scaling as AWS offers it: an hourly forecast from the same hours of the last fortnight, as a floor that is raised `ahead` ticks
 * early, and target tracking above it (EC2 Auto Scaling user guide, "Predictive scaling").
 *
 * @param loads demand in full replicas over history and run
 * @param start tick of `loads` at which the run begins
 */
export function predictiveScaling(
  loads: Float64Array,
  start: number,
  target: number,
  step: number,
  ahead: number,
): Rule {
  const hour = Math.round(3600 / step);
  const day = Math.round(86_400 / step / hour);
  const means = new Map<number, number>();
  const meanOf = (k: number) => {
    let mean = means.get(k);
    if (mean === undefined) {
      const part = loads.subarray(k * hour, (k + 1) * hour);
      mean = part.reduce((sum, load) => sum + load, 0) / part.length;
      means.set(k, mean);
    }
    return mean;
  };
  const forecasts = new Map<number, number>();
  const forecast = (k: number) => {
    let value = forecasts.get(k);
    if (value === undefined) {
      let [sum, weights, weight] = [0, 0, 1];
      for (let days = 1; days < 15; days++) {
        weight *= 0.85;
        if (k - days * day < 0) continue;
        sum += weight * meanOf(k - days * day);
        weights += weight;
      }
      value = weights > 0 ? sum / weights : 0;
      forecasts.set(k, value);
    }
    return value;
  };
  const tracking = new TargetTracking(target, step);
  return (tick, load, current) => {
    const at = start + tick + 1;
    const hours = [Math.floor(at / hour), Math.floor((at + ahead) / hour)];
    const floor = Math.max(...hours.map((k) => ceiling(forecast(k) / target)));
    return Math.max(tracking.target(load, current), floor);
  };
}

/**
 * Runs a rule over demand.
 *
 * @param loads demand in full replicas, one a tick
 * @param delay ticks that a start takes
 */
export function simulateRule(
  rule: Rule,
  loads: Float64Array,
  delay: number,
  initial: number,
  least = 1,
): ReplaySummary {
  const pool = new SimulatedPool(initial, delay);
  const score = new Score(delay, least);
  let actions = 0;
  for (let tick = 0; tick < loads.length; tick++) {
    pool.beginTick(tick);
    score.tick(Math.max(1, ceiling(loads[tick])), pool.ready, pool.pending);
    score.served("load", loads[tick], pool.ready);
    const current = pool.ready + pool.pending;
    const target = Math.max(least, rule(tick, loads[tick], current));
    if (target !== current) actions++;
    pool.ask(target, tick);
  }
  return score.summary(actions);
}
