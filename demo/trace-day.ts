/** The values of one recorded day, evenly spaced; gaps filled with the value before. */
export type TraceDay = Float64Array;

/**
 * The whole days of a recorded series, oldest first.
 *
 * @param values evenly spaced; NaN is a gap
 * @param step seconds between two values
 */
export function daysOf(values: Float64Array, step: number): TraceDay[] {
  const length = Math.round(86_400 / step);
  const filled = Float64Array.from(values);
  for (let i = 0; i < filled.length; i++) if (Number.isNaN(filled[i])) filled[i] = i === 0 ? 0 : filled[i - 1];
  const days: TraceDay[] = [];
  for (let from = 0; from + length <= filled.length; from += length) days.push(filled.subarray(from, from + length));
  return days;
}
