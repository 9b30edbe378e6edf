import { formatInstant } from "../../model/instant.ts";

/** An instant as the viewer's clocks show it, with the date unless it is today. @param zone their own by default */
export function localTime(seconds: number, now: number, zone?: string): string {
  const date = new Date(seconds * 1000);
  const day = (at: Date) => at.toLocaleDateString("en-CA", { timeZone: zone });
  const time = date.toLocaleTimeString("en-GB", {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds % 60 >= 1 && { second: "2-digit" }),
  });
  return day(date) === day(new Date(now * 1000)) ? time : `${day(date)} ${time}`;
}

/** The same instant in UTC, as the command line and the files write it. */
export function utcTime(seconds: number): string {
  return formatInstant(Math.round(seconds));
}

/** A span in the largest units that matter: `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How long ago, or ahead: `12 s ago`, `in 3 h`. */
export function relative(seconds: number, now: number): string {
  return seconds > now ? `in ${span(seconds - now)}` : `${span(now - seconds)} ago`;
}

/** An instant as an input of type `datetime-local` has it, in the viewer's zone to the minute. */
export function localInstant(seconds: number): string {
  const at = new Date(seconds * 1000);
  return new Date((seconds - at.getTimezoneOffset() * 60) * 1000).toISOString().slice(0, 16);
}

/** Epoch seconds of what such an input has; `undefined` where it has nothing whole. */
export function parseLocalInstant(text: string): number | undefined {
  const seconds = new Date(text).getTime() / 1000;
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) && Number.isFinite(seconds) ? seconds : undefined;
}
