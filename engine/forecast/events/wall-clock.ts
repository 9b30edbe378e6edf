const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The epoch seconds at which the clocks of a time zone show a time. A time that they skip is taken as they would show it had they
 * gone on; of one that they show twice, it is one of the two.
 *
 * @param wall what the clocks show, in seconds as if it were UTC
 * @param timeZone an IANA name
 */
export function epochOf(wall: number, timeZone: string): number {
  // The offset at the guess may be that of the other side of a change; at the second guess it is right.
  const guess = wall - offsetAt(wall, timeZone);
  return wall - offsetAt(guess, timeZone);
}

/** What the clocks of a time zone show at an instant, in seconds as if it were UTC. */
export function wallClock(epoch: number, timeZone: string): number {
  return epoch + offsetAt(epoch, timeZone);
}

function offsetAt(epoch: number, timeZone: string): number {
  if (timeZone === "UTC") return 0;
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en", {
      timeZone,
      calendar: "gregory",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(timeZone, format);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(epoch * 1000)) part[type] = Number(value);
  const shown = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) / 1000;
  return shown - Math.floor(epoch);
}
