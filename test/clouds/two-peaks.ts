import { type DayOptions, type RehearsedDay, rehearseDay } from "../../engine/replay/rehearse-day.ts";
import type { Trace } from "../../engine/replay/trace.ts";
import { random } from "../change/kills.ts";

const MINUTES = 1440;
const DAYS = 8;
const START = 20_000 * 86_400;

/** Eight days of a service with a morning and an evening, minute by minute, with noise that is the same each time. */
export function twoPeaks(): Trace {
  const next = random(7);
  const cpu = Float64Array.from({ length: DAYS * MINUTES }, (_, i) => {
    const hour = (i % MINUTES) / 60;
    const bump = (peak: number, width: number) => Math.exp(-(((hour - peak) / width) ** 2));
    return (2 + 9 * bump(9, 2) + 12 * bump(19, 3)) * (0.93 + 0.14 * next());
  });
  return { startsAt: START, step: 60, ticks: cpu.length, series: new Map([["cpu", cpu]]) };
}

/** The last of the days, in epoch seconds; those before it are history. */
export const LAST_DAY = { from: START + (DAYS - 1) * 86_400, to: START + DAYS * 86_400 } as const;

/** Machines that its busiest tick calls for. */
export const MACHINES = 12;

/** Rehearses the last of the days, or what of it is given. */
export function rehearsePeaks(
  options: Omit<DayOptions, "trace" | "from" | "to" | "machines"> & Partial<Pick<DayOptions, "from" | "to">>,
): Promise<RehearsedDay> {
  return rehearseDay({ trace: twoPeaks(), ...LAST_DAY, machines: MACHINES, ...options });
}
