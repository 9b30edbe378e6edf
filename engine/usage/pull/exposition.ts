import { prometheusName, type Sample } from "../mapping/sample.ts";

/** What a page says, and how many of its lines are none. */
export interface Exposition {
  readonly samples: readonly Sample[];
  readonly malformed: number;
}

const MOST_LABELS = 128;
const ESCAPED: Readonly<Record<string, string>> = { n: "\n", "\\": "\\", '"': '"' };

/**
 * Reads Prometheus' text format 0.0.4 and OpenMetrics (https://prometheus.io/docs/instrumenting/exposition_formats/), which differ in the
 * unit of timestamps. A line that is none is left out and counted.
 *
 * @param names metrics that mean something
 * @param openMetrics timestamps are seconds, not milliseconds
 * @param at time of samples without one, epoch seconds
 */
export function parseExposition(
  text: string,
  names: ReadonlySet<string>,
  openMetrics: boolean,
  at: number,
): Exposition {
  const samples: Sample[] = [];
  let malformed = 0;
  for (let from = 0; from < text.length; ) {
    let to = text.indexOf("\n", from);
    if (to < 0) to = text.length;
    const name = nameAt(text, from, to);
    const content = text[from] === "#" || name === "" ? "" : text.slice(from, to).trim();
    if (content === "" && text[from] !== "#" && text.slice(from, to).trim() !== "") malformed++;
    else if (content !== "" && names.has(name)) {
      const sample = parseLine(name, content, openMetrics, at);
      if (sample === undefined) malformed++;
      // NaN is how a page says that there is no value.
      else if (!Number.isNaN(sample.value)) samples.push(sample);
    }
    from = to + 1;
  }
  return { samples, malformed };
}

/** The name that the line begins with: letters, digits, `_` and `:`. */
function nameAt(text: string, from: number, to: number): string {
  let end = from;
  while (end < to && isNameCode(text.charCodeAt(end))) end++;
  return text.slice(from, end);
}

function isNameCode(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 58) || code === 95;
}

function parseLine(name: string, line: string, openMetrics: boolean, now: number): Sample | undefined {
  const labels = new Map<string, string>();
  let rest = line.slice(name.length).trimStart();
  if (rest[0] === "{") {
    const end = readLabels(rest, labels);
    if (end === undefined) return undefined;
    rest = rest.slice(end).trimStart();
  } else if (line[name.length] !== " " && line[name.length] !== "\t") return undefined;
  const [value, timestamp, more] = rest.split(/[ \t]+/, 3);
  const exemplar = openMetrics && (timestamp === "#" || more === "#");
  if (!exemplar && (more !== undefined || timestamp === "#")) return undefined;
  const number = parseNumber(value);
  if (number === undefined) return undefined;
  if (timestamp === undefined || timestamp === "#") return { name, labels, value: number, at: now };
  const at = parseNumber(timestamp);
  if (at === undefined || !Number.isFinite(at)) return undefined;
  return { name, labels, value: number, at: openMetrics ? at : at / 1000 };
}

/** Reads `{a="b",…}` into labels. Returns where it ends; undefined when it is none. */
function readLabels(text: string, labels: Map<string, string>): number | undefined {
  let at = 1;
  const skip = () => {
    while (text[at] === " " || text[at] === "\t") at++;
  };
  for (;;) {
    skip();
    if (text[at] === "}") return at + 1;
    const name = nameAt(text, at, text.length);
    at += name.length;
    skip();
    if (name === "" || text[at] !== "=") return undefined;
    at++;
    skip();
    if (text[at] !== '"' || labels.size >= MOST_LABELS) return undefined;
    let value = "";
    let begun = ++at;
    for (; text[at] !== '"'; at++) {
      if (at >= text.length) return undefined;
      if (text[at] !== "\\") continue;
      const char = ESCAPED[text[at + 1]];
      value += text.slice(begun, at) + (char ?? text[at]);
      if (char !== undefined) at++;
      begun = at + 1;
    }
    labels.set(prometheusName(name), value + text.slice(begun, at));
    at++;
    skip();
    if (text[at] === ",") at++;
    else if (text[at] !== "}") return undefined;
  }
}

/** A number as both formats write it; undefined when the text is none. */
function parseNumber(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (/^[+-]?inf(inity)?$/i.test(text)) return text[0] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}
