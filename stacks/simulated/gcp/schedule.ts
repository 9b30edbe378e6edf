/** One-time: minute, hour, day of the month, month, any day of the week, year. */
const ONCE = /^(\d{1,2}) (\d{1,2}) (\d{1,2}) (\d{1,2}) \* (\d{4})$/;

/**
 * When a scaling schedule holds, epoch seconds.
 *
 * @throws Error for a schedule that recurs, or that is no date
 */
export function parseSchedule({ schedule, durationSec }: { readonly schedule: string; readonly durationSec: number }): {
  readonly from: number;
  readonly until: number;
} {
  const [minute, hour, day, month, year] = (ONCE.exec(schedule)?.slice(1) ?? []).map(Number);
  const from = Date.UTC(year, month - 1, day, hour, minute) / 1000;
  const date = new Date(from * 1000);
  if (Number.isNaN(from) || date.getUTCDate() !== day || date.getUTCHours() !== hour || minute > 59)
    throw new Error(
      `a schedule that recurs is not simulated: expected a date such as "0 8 24 11 * 2026", found ${JSON.stringify(schedule)}`,
    );
  return { from, until: from + durationSec };
}
