import type { AssumedCapacity } from "./assumed-capacity.ts";
import type { RecordedWorkload } from "./recorded-workload.ts";

/** Replicas that there may be, times the greatest need that was seen. */
const HEADROOM = 2;

/**
 * The constraints that fit a workload's past, as a commented file: what was replayed is exactly this.
 *
 * @param greatest replicas that the greatest demand needs
 * @param violation share of ticks that may be short
 */
export function fittingConstraints(
  { trace, replicas }: RecordedWorkload,
  capacity: AssumedCapacity | undefined,
  greatest: number,
  violation: number,
): string {
  const today = capacity?.guessed === false ? capacity.today : replicas;
  const [least, most] = extent(today);
  const min = least >= 2 ? 2 : 1;
  const max = Math.max(min, Math.ceil(HEADROOM * Math.max(greatest, Number.isFinite(most) ? most : 1)));
  const measured = (...series: ("cpu" | "memory" | "disk" | "network" | "storage")[]) =>
    series.some((name) => trace.series.has(name));
  const cpu = measured("cpu") ? "out" : "none";
  const memory = measured("memory") ? "up" : "none";
  const disk = measured("disk", "storage") ? "up" : "none";
  return `version: 1
performance:                       # how full it may be, and how often demand may exceed what is ready
  utilisation: { cpu: 70%, memory: 80%, disk: 70%, network: 70% }
  violation: ${Number((100 * violation).toPrecision(4))}%
scales: { cpu: ${capacity?.series === "requests" ? "out" : cpu}, memory: ${memory}, disk: ${disk}, network: none }   # none: no capacity of it is recorded
availability:
  replicas: { min: ${min}, max: ${max} }   # ${min === 2 ? `never fewer than ${least} were there` : "one was enough at times, or none were counted"}; the greatest demand needed ${greatest}
  stateful: false                  # say true where replicas keep data that others have not
change:
  cooldown: { in: 10m }
  step: { in: 10%, out: 100% }
  vertical: review                 # changes of size wait for a person
  irreversible: approve            # so do those that cannot be taken back
`;
}

function extent(values: Float64Array | undefined): [least: number, most: number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values ?? [])
    if (!Number.isNaN(value)) [least, most] = [Math.min(least, value), Math.max(most, value)];
  return least === Number.POSITIVE_INFINITY ? [1, Number.NaN] : [least, most];
}
