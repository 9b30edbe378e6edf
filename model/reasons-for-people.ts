import type { Reason } from "./reason.ts";

/** What decides a capacity comes before what limits it, and that before what did not count. */
const ORDER: readonly (readonly Reason["kind"][])[] = [
  ["short"],
  ["freeze", "pin", "slo", "incident"],
  ["demand", "forecast", "event", "driver", "choice", "plan", "release"],
  ["bounds", "one-way", "availability", "budget", "step", "window", "cooldown", "hold", "threshold"],
  ["load", "telemetry", "cold-start", "untrusted", "unchanged"],
];

/**
 * Reasons as a person reads them: what drove first, and what holds of several series in one line, `cpu, memory: …`. Within that they stay in the
 * order in which the steps were taken. Pure.
 */
export function reasonsForPeople(reasons: readonly Reason[]): readonly Reason[] {
  const rank = ({ kind }: Reason) => {
    const found = ORDER.findIndex((kinds) => kinds.includes(kind));
    return found < 0 ? ORDER.length : found;
  };
  const lines = new Map<string, { readonly reason: Reason; readonly series: string[]; readonly rest?: string }>();
  for (const reason of [...reasons].sort((a, b) => rank(a) - rank(b))) {
    const [, series, rest] = /^([a-z_]+): (.*)$/s.exec(reason.text) ?? [];
    const mine = series !== undefined && (reason.series === undefined || reason.series === series);
    const key = JSON.stringify(mine ? [reason.kind, rest] : [reason.kind, reason.text, lines.size]);
    const line = lines.get(key);
    if (line === undefined) lines.set(key, { reason, series: mine ? [series] : [], ...(mine && { rest }) });
    else if (mine && !line.series.includes(series)) line.series.push(series);
  }
  return [...lines.values()].map(({ reason, series, rest }) =>
    rest === undefined ? reason : { ...reason, text: `${series.join(", ")}: ${rest}` },
  );
}
