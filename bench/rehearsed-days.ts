import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { RehearsedDay } from "../engine/replay/rehearse-day.ts";
import { CLOUDS } from "../stacks/simulated/rehearsal.ts";
import { MACHINES, rehearsePeaks } from "../test/clouds/two-peaks.ts";
import { replaceSection } from "./doc-section.ts";

/**
 * A whole day of `foreshadow rehearse` on each simulated cloud in each mode, one after the other.
 *
 *   node bench/rehearsed-days.ts [--only aws:review,gcp:auto] [--out docs/clouds.md]
 *
 * With `--only` the rows of the other days stay as the document has them.
 */
const { values } = parseArgs({ options: { only: { type: "string" }, out: { type: "string" } } });
const DAYS = CLOUDS.flatMap((cloud) => (["auto", "review"] as const).map((mode) => ({ cloud, mode })));
const only = values.only?.split(",");
const HEAD = [
  "| cloud | mode | changes | of them by envelope, merge | requests, open at once | pushes to requests, branch | writes, not approved | short ticks | machine-hours | ledger | drift | rehearsed | minutes |",
  "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
];

for (const { cloud, mode } of DAYS) {
  if (only !== undefined && !only.includes(`${cloud}:${mode}`)) continue;
  const base = mkdtempSync(join(tmpdir(), "foreshadow-day-"));
  try {
    const day = await rehearsePeaks({
      cloud,
      directory: join(base, "day"),
      mode,
      say: (text) => console.log(`${cloud} ${mode}: ${text}`),
    });
    console.log(JSON.stringify(day));
    const row = rowOf(day, mode);
    console.log(row);
    if (values.out !== undefined) write(values.out, row);
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

function rowOf(day: RehearsedDay, mode: string): string {
  const { changesets, review, shortTicks, machineHours, ledger, drift, writes, unapproved } = day;
  const pair = (a: number, b: number) => `${a}, ${b}`;
  const others = Object.keys(changesets).filter((state) => state !== "done" && state !== "superseded");
  const cells = [
    day.cloud,
    mode,
    [changesets.done ?? 0, ...others.map((state) => `${changesets[state]} ${state}`)].join(", "),
    review === undefined ? "–" : pair(review.approvals.envelope, review.approvals.merge),
    review === undefined ? "–" : pair(review.requests, review.mostOpen),
    review === undefined ? "–" : pair(review.pushes.requests, review.pushes.base),
    pair(writes, unapproved.length),
    `${shortTicks.foreshadow} / ${shortTicks.nativeOnly} of ${day.ticks}`,
    `${machineHours.foreshadow} / ${machineHours.nativeOnly}`,
    ledger.valid ? "valid" : "NOT VALID",
    drift.length === 0 ? "none" : drift.join(", "),
    new Date().toISOString().slice(0, 10),
    Math.round(day.seconds / 60),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Puts a day's row in its place among the rows that the document has. */
function write(document: string, row: string): void {
  const known = readFileSync(document, "utf8").split("\n");
  const rows = DAYS.flatMap(({ cloud, mode }) => {
    const begin = `| ${cloud} | ${mode} |`;
    const found = row.startsWith(begin) ? row : known.find((line) => line.startsWith(begin));
    return found === undefined ? [] : [found];
  });
  const text = [
    `Eight days of a service with a morning and an evening peak (\`test/clouds/two-peaks.ts\`, ${MACHINES} machines at its busiest), of which the last was rehearsed, once each. Short`,
    "ticks and machine-hours are those with Foreshadow, and after the stroke those of the cloud's own autoscaler alone. What is below",
    `\`drift\` is what a preview would still change at the end. On ${availableParallelism()} cores that did other work too: the minutes say little. All three clouds are simulated.`,
    "",
    ...HEAD,
    ...rows,
  ].join("\n");
  replaceSection(document, "bench/rehearsed-days.ts", text);
}
