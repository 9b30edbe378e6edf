import type { HorizonTrustView } from "../engine/api/engine-control.port.ts";
import { formatInstant } from "../model/instant.ts";
import { formatShort } from "../model/units.ts";

/** How far ahead, as a person says it: `5 s`, `15 min`. */
function span(seconds: number): string {
  return seconds < 60 ? `${formatShort(seconds)} s` : `${formatShort(seconds / 60)} min`;
}

/** A row for each horizon that forecasts are judged at; those next to each other of which the same is told share one. */
export function horizonRows(horizons: readonly HorizonTrustView[]): string[][] {
  const rows: { readonly from: number; to: number; readonly cells: readonly string[] }[] = [];
  for (const { ahead, trusted, evidence, samples, skill, coverage, since } of horizons) {
    const covered = Object.entries(coverage).map(
      ([level, share]) => `p${formatShort(Number(level) * 100)} ${(100 * share).toFixed(1)} %`,
    );
    const cells = [
      `${trusted ? "acts" : "does not act"} since ${formatInstant(since)}`,
      `skill ${skill === null ? "unknown" : `${(100 * skill).toFixed(0)} %`}`,
      covered.length === 0 ? "" : `covered ${covered.join(", ")}`,
      `${samples} compared`,
      trusted ? "" : evidence,
    ];
    const last = rows.at(-1);
    if (last !== undefined && last.cells.join("\n") === cells.join("\n")) last.to = ahead;
    else rows.push({ from: ahead, to: ahead, cells });
  }
  return rows.map(({ from, to, cells }) => [
    "",
    `${from === to ? span(to) : `${span(from)} to ${span(to)}`} ahead`,
    ...cells,
  ]);
}
