import type { TraceDay } from "./trace-day.ts";

/** One compressed day as shares of its peak, one value a tick: 1 is the busiest tick that the pattern promises. */
export type DayPattern = Float64Array;

/**
 * A day as many services know it: quiet at night, a steep morning, a dip at noon, an evening peak. Generated, and the same
 * every day but for the noise of `wobble`.
 *
 * @param ticks of the day
 */
export function generatedDay(ticks: number): DayPattern {
  const day = new Float64Array(ticks);
  for (let t = 0; t < ticks; t++) {
    const hour = (24 * t) / ticks;
    const bump = (at: number, width: number) => {
      const distance = Math.min(Math.abs(hour - at), 24 - Math.abs(hour - at));
      return Math.exp((-distance * distance) / (2 * width * width));
    };
    day[t] = 0.22 + 0.55 * bump(10.5, 2) + 0.78 * bump(19.5, 2.2);
  }
  const peak = Math.max(...day);
  return day.map((value) => value / peak);
}

/** Days of a recorded trace, each resampled to as many ticks. The last ones, so that the newest is the one that is played. */
export function recordedDays(days: readonly TraceDay[], ticks: number): DayPattern[] {
  const peak = Math.max(...days.flatMap((day) => [...day]));
  return days.map((day) =>
    Float64Array.from({ length: ticks }, (_, t) => {
      const [from, to] = [(t * day.length) / ticks, ((t + 1) * day.length) / ticks];
      let sum = 0;
      for (let i = Math.floor(from); i < Math.max(Math.floor(from) + 1, Math.floor(to)); i++) sum += day[i];
      return peak === 0 ? 0 : sum / Math.max(1, Math.floor(to) - Math.floor(from)) / peak;
    }),
  );
}

/** A day as it really comes: busier or quieter than others as a whole, and uneven from tick to tick. */
export function variedDay(day: DayPattern, random: () => number): DayPattern {
  const level = Math.max(0.6, 1 + 0.1 * normal(random));
  return wobble(day, 0.05, random).map((value) => level * value);
}

/** Multiplicative noise that lasts a few ticks: an AR(1) process of standard deviation `spread` around 1. */
function wobble(day: DayPattern, spread: number, random: () => number): DayPattern {
  let deviation = 0;
  return day.map((value) => {
    deviation = 0.6 * deviation + 0.8 * spread * normal(random);
    return Math.max(0, value * (1 + deviation));
  });
}

/** A standard normal from two uniform numbers (Box and Muller 1958). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Uniform numbers in [0, 1) from a seed (Marsaglia's xorshift, 32 bits), so that a demo can be repeated. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}
