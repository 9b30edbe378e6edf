import { formatInstant } from "../../model/instant.ts";
import type { Assessment } from "./assess.ts";
import { amount, courseCells, differenceCell, explainedCell, skillCell } from "./describe.ts";
import { type HistoryReport, totalsOf } from "./history-report.ts";
import { escapeMarkup } from "./markup.ts";
import { LINES, stepChart } from "./step-chart.ts";
import { percent } from "./verdict.ts";

/** Workloads whose part is open when the page is. */
const OPEN = 3;

const STYLE = `
:root { color-scheme: light dark; --page: #f5f6f8; --panel: #fff; --text: #1b2128; --muted: #59636f; --line: #d8dde3; --grid: #e4e8ec;
  --need: #59636f40; --today: #8a5a00; --reactive: #7a3fb0; --foreshadow: #0b5cad; --good: #1c7c43; --bad: #a0390b; }
@media (prefers-color-scheme: dark) { :root { --page: #12161b; --panel: #1a2027; --text: #dfe5eb; --muted: #99a5b1; --line: #303943; --grid: #262e37;
  --need: #99a5b140; --today: #f0c063; --reactive: #c79bf0; --foreshadow: #79b8f5; --good: #6ccf92; --bad: #ffa36b; } }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 0; display: inline; } h3 { font-size: 1rem; margin: 1rem 0 .3rem; }
p, li { max-width: 62rem; } .muted { color: var(--muted); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; background: var(--panel); }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; } td.number, th.number { text-align: right; }
details { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; margin: .6rem 0; padding: .6rem .9rem; } summary { cursor: pointer; }
.worth { color: var(--good); font-weight: 600; } .not { color: var(--bad); font-weight: 600; }
svg { width: 100%; height: auto; } svg text { fill: var(--muted); font-size: 12px; } .grid { stroke: var(--grid); fill: none; } .need { fill: var(--need); }
.line { fill: none; stroke-width: 2; } .today { stroke: var(--today); stroke-dasharray: 7 4; } .reactive { stroke: var(--reactive); stroke-dasharray: 2 3; } .foreshadow { stroke: var(--foreshadow); }
.key { display: flex; flex-wrap: wrap; gap: 1.2rem; list-style: none; padding: 0; margin: .2rem 0; } .key svg { width: 2.4rem; height: .8rem; vertical-align: middle; margin-right: .4rem; }
pre { overflow-x: auto; background: var(--page); border: 1px solid var(--line); border-radius: 6px; padding: .7rem; font-size: .85rem; }
a { color: var(--foreshadow); }
`;

/** The report as one HTML file: no script, no request, dark and light as the reader has it, tables beside every picture. */
export function reportPage(report: HistoryReport): string {
  const { workloads, source } = report;
  const totals = totalsOf(workloads);
  const gained = totals.today > 0 ? 1 - totals.chosen / totals.today : 0;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Foreshadow: is it worth it?</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Is predictive scaling worth it here?</h1>
<p>${workloads.length} workloads from ${escapeMarkup(source)}, ${totals.judged} of them judged: for <strong>${totals.worth}</strong> it is worth it. With those scaled by Foreshadow
and the others left as they are, all together would have taken <strong>${percent(Math.max(0, gained))}</strong> fewer replica-hours than today's capacity${guessed(workloads)}.</p>
${explanation(report)}
<h2 id="all">All workloads</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="all"><table>
<thead><tr><th scope="col">workload</th><th scope="col">verdict</th><th scope="col" class="number">today's capacity</th><th scope="col" class="number">reactive-only</th><th scope="col" class="number">Foreshadow</th><th scope="col" class="number">against today</th><th scope="col" class="number">predictable</th></tr></thead>
<tbody>
${workloads.map(row).join("\n")}
</tbody></table></div>
${workloads.map((one, i) => part(one, i < OPEN)).join("\n")}
</main>
</body>
</html>
`;
}

function explanation({ step, startDelay, violation }: HistoryReport): string {
  return `<p class="muted">The first half of each past, in whole days, was learnt from; over the second each course met the demand that came, in ticks of ${Math.round(step / 60)} min, with
replicas that take ${Math.round(startDelay / 60)} min to start and are paid from then on. <em>Today's capacity</em> is what was there. <em>Reactive-only</em> is the engine's decisions without a
forecast. <em>Foreshadow</em> is the same with it, asked to be short in at most ${percent(violation)} of the ticks. <em>Short</em>: demand at the utilisation target needed more replicas than were ready. Peaks
within a tick are not seen, for all courses alike. <em>Predictable</em>: how much nearer forecasts at the lead time came than the best constant. Days are of UTC. Nothing was changed anywhere.</p>`;
}

/** What the sum rests on where capacity was not recorded. */
function guessed(workloads: readonly Assessment[]): string {
  const count = workloads.filter(({ capacity, courses }) => courses !== undefined && capacity?.guessed).length;
  return count === 0 ? "" : `, which is a guess for ${count} of them: no number of replicas or no size is recorded`;
}

function verdictCell({ verdict }: Assessment): string {
  const kind = verdict.worth === "worth it" ? "worth" : verdict.worth === "not worth it" ? "not" : "muted";
  return `<span class="${kind}">${verdict.worth}</span>`;
}

function row(one: Assessment): string {
  const { workload, predictability } = one;
  const numbers = [...courseCells(one), differenceCell(one), explainedCell(predictability[0])];
  return `<tr><th scope="row"><a href="#w-${workload}">${workload}</a></th><td>${verdictCell(one)}</td>${numbers.map((cell) => `<td class="number">${cell}</td>`).join("")}</tr>`;
}

function part(one: Assessment, open: boolean): string {
  const { workload, kind, verdict, chart, capacity, notes, constraints, from, judgedFrom, to, labels } = one;
  const list = (items: readonly string[]) =>
    `<ul>${items.map((item) => `<li>${escapeMarkup(item)}</li>`).join("")}</ul>`;
  const selected = Object.entries(labels ?? {}).map(([name, value]) => `${name}="${value}"`);
  return `<details id="w-${workload}"${open ? " open" : ""}>
<summary><h2>${workload}</h2> <span class="muted">${escapeMarkup(kind)}</span> ${verdictCell(one)}</summary>
${list(verdict.reasons)}
${chart === undefined ? "" : `${key()}${stepChart(chart, `Replicas of ${workload}: needed, and under each course`)}`}
<p class="muted">${escapeMarkup(selected.join(", "))} Recorded ${formatInstant(from)} to ${formatInstant(to)}${chart === undefined ? "" : `, judged from ${formatInstant(judgedFrom)}`}.</p>
${notes.length === 0 ? "" : `<h3>Of the recording</h3>${list(notes)}`}
${capacity === undefined ? "" : `<h3>Capacity${capacity.guessed ? ", guessed" : ""}</h3>${list(capacity.basis)}`}
${predictabilityTable(one)}
<h3>Constraints that fit: <code>policies/${workload}.yaml</code></h3>
<pre tabindex="0">${escapeMarkup(constraints)}</pre>
</details>`;
}

function key(): string {
  const sample = (shape: string) => `<svg viewBox="0 0 40 12" aria-hidden="true">${shape}</svg>`;
  const lines = LINES.map(([name, text]) => `<li>${sample(`<path class="line ${name}" d="M0 6H40"/>`)}${text}</li>`);
  return `<ul class="key"><li>${sample('<path class="need" d="M0 0H40V12H0Z"/>')}needed</li>${lines.join("")}</ul>`;
}

function predictabilityTable({ workload, predictability }: Assessment): string {
  if (predictability.length === 0) return "";
  const rows = predictability.map((one) => {
    const { series, mean, greatest, gaps, reason, trusted } = one;
    const numbers = [amount(series, mean), amount(series, greatest), percent(gaps), skillCell(one), explainedCell(one)];
    return `<tr><th scope="row">${series}</th>${numbers.map((cell) => `<td class="number">${cell}</td>`).join("")}<td>${trusted ? "may act" : "may not act"}: ${escapeMarkup(reason)}</td></tr>`;
  });
  return `<h3 id="p-${workload}">How predictable</h3>
<div class="scroll" tabindex="0" role="region" aria-labelledby="p-${workload}"><table><thead><tr><th scope="col">series</th><th scope="col" class="number">mean</th><th scope="col" class="number">greatest</th><th scope="col" class="number">gaps</th><th scope="col" class="number">against seasonal naive</th><th scope="col" class="number">predictable</th><th scope="col">forecasts</th></tr></thead>
<tbody>${rows.join("")}</tbody></table></div>`;
}
