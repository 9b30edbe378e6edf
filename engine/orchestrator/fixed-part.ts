/** What one tick says about demand per replica: demand and load of the workload, and replicas that shared them. */
export interface FixedPartSample {
  readonly demand: number;
  readonly load: number;
  readonly replicas: number;
}

const LEAST_SAMPLES = 30;

/**
 * The part of demand that every replica has whatever the load: the intercept of the least-squares line of demand per replica
 * over load per replica. `undefined` when there are too few samples or the load hardly varied, since then the line says nothing.
 * Never above the least demand per replica that was seen.
 */
export function fixedPartPerReplica(samples: readonly FixedPartSample[]): number | undefined {
  let n = 0;
  let [sumX, sumY, sumXX, sumXY] = [0, 0, 0, 0];
  let least = Number.POSITIVE_INFINITY;
  for (const { demand, load, replicas } of samples) {
    if (!(replicas >= 1) || !(demand >= 0) || !(load >= 0) || !Number.isFinite(demand + load + replicas)) continue;
    const [x, y] = [load / replicas, demand / replicas];
    n++;
    sumX += x;
    sumY += y;
    sumXX += x * x;
    sumXY += x * y;
    least = Math.min(least, y);
  }
  if (n < LEAST_SAMPLES) return undefined;
  const variance = sumXX / n - (sumX / n) * (sumX / n);
  if (!(variance > 0.01 * (sumX / n) * (sumX / n))) return undefined;
  const slope = Math.max(0, (sumXY / n - (sumX / n) * (sumY / n)) / variance);
  return Math.min(least, Math.max(0, sumY / n - slope * (sumX / n)));
}
