import { formatInstant } from "../../model/instant.ts";
import type { ChartPoints } from "./assess.ts";
import { escapeMarkup } from "./markup.ts";

const WIDTH = 900;
const HEIGHT = 220;
const LEFT = 44;
const BOTTOM = 24;
const TOP = 8;
const DAY = 86_400;

/** Lines of a chart, by class; they differ by dashes too, for who does not tell the colours apart. */
export const LINES = [
  ["today", "today's capacity"],
  ["reactive", "reactive-only"],
  ["foreshadow", "Foreshadow"],
] as const;

/** What was needed as an area, and what each course had as steps: a picture that needs no script. */
export function stepChart(points: ChartPoints, title: string): string {
  const { need, from, step } = points;
  const count = need.length;
  const top = Math.max(1, ...need.map((value) => value ?? 0), ...LINES.flatMap(([key]) => points[key]));
  const x = (i: number) => round(LEFT + ((WIDTH - LEFT) * i) / Math.max(1, count));
  const y = (value: number) => round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top));
  const lines = LINES.map(([key]) => `<path class="line ${key}" d="${steps(points[key], x, y)}"/>`);
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeMarkup(title)}">`,
    `<title>${escapeMarkup(title)}</title>`,
    ...rows(top).map(
      (value) =>
        `<path class="grid" d="M${LEFT} ${y(value)}H${WIDTH}"/><text x="${LEFT - 6}" y="${y(value) + 4}" text-anchor="end">${value}</text>`,
    ),
    ...days(from, from + count * step).map((at) => {
      const place = x((at - from) / step);
      return `<path class="grid" d="M${place} ${TOP}V${HEIGHT - BOTTOM}"/><text x="${place + 3}" y="${HEIGHT - 8}">${formatInstant(at).slice(5, 10)}</text>`;
    }),
    `<path class="need" d="${area(need, x, y)}"/>`,
    ...lines,
    "</svg>",
  ].join("");
}

type Scale = (value: number) => number;

function steps(values: readonly number[], x: Scale, y: Scale): string {
  let path = "";
  let before = Number.NaN;
  for (const [i, value] of values.entries()) {
    if (value !== before) path += path === "" ? `M${x(i)} ${y(value)}` : `H${x(i)}V${y(value)}`;
    before = value;
  }
  return `${path}H${x(values.length)}`;
}

/** An area for each stretch that was measured. */
function area(values: readonly (number | null)[], x: Scale, y: Scale): string {
  let path = "";
  let open = false;
  for (const [i, value] of values.entries()) {
    if (value === null) {
      if (open) path += `H${x(i)}V${y(0)}Z`;
      open = false;
      continue;
    }
    path += open ? `H${x(i)}V${y(value)}` : `M${x(i)} ${y(0)}V${y(value)}`;
    open = true;
  }
  return open ? `${path}H${x(values.length)}V${y(0)}Z` : path;
}

/** Four lines or fewer, at round numbers. */
function rows(top: number): number[] {
  const magnitude = 10 ** Math.floor(Math.log10(top / 2));
  const gap = Math.max(1, [1, 2, 5, 10].map((by) => by * magnitude).find((by) => top / by <= 4) ?? top);
  return Array.from({ length: Math.floor(top / gap) + 1 }, (_, i) => i * gap);
}

function days(from: number, to: number): number[] {
  const all: number[] = [];
  for (let at = Math.ceil(from / DAY) * DAY; at < to; at += DAY) all.push(at);
  const every = Math.ceil(all.length / 14);
  return all.filter((_, i) => i % every === 0);
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
