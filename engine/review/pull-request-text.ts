import { createHash } from "node:crypto";
import { bandChart } from "../../model/band-chart.ts";
import type { Changeset, PropertyChange } from "../../model/changeset.ts";
import { DIMENSION_OF } from "../../model/dimension.ts";
import { parseEnvelope } from "../../model/envelope.ts";
import { formatInstant } from "../../model/instant.ts";
import { propertyText } from "../../model/property-text.ts";
import type { Reason } from "../../model/reason.ts";
import { reasonsForPeople } from "../../model/reasons-for-people.ts";
import type { Forecast } from "../forecast/forecast.port.ts";
import { summarise } from "../orchestrator/change/summary.ts";
import type { Outlook } from "./changeset-outlook.ts";
import { code, fenced, plain } from "./markdown.ts";
import type { WaitingEnvelope } from "./waiting-envelope.ts";

/** GitHub takes 65,536 characters; what is kept is counted in bytes, of which there are never fewer. */
const MOST_BYTES = 60_000;
/** Bytes of all tables, and of all raw differences. */
const MOST_TABLE = 20_000;
const MOST_DIFF = 15_000;
const MOST_REASONS = 20;
const MOST_CHARTS = 2;
const MOST_TITLE = 200;
const CHART = { width: 60, height: 8 };

/** One changeset of a pull request. */
export interface PullRequestPart {
  readonly changeset: Changeset;
  readonly outlook: Outlook;
  /** Difference of the capacity file, as git writes it. */
  readonly diff: string;
  /** Epoch seconds at which it lapses unanswered. */
  readonly expiresAt: number;
}

/** An envelope of a pull request, and the difference of its file as git writes it. */
export interface EnvelopePart {
  readonly envelope: WaitingEnvelope;
  readonly diff: string;
}

/**
 * Title and body of the pull request of a stack: verdict, table, reasons, forecast, raw difference, digests, commands. Pure. What does not fit
 * is left out from the end, and that is said.
 */
export function pullRequestText(
  stack: string,
  parts: readonly PullRequestPart[],
  envelope?: EnvelopePart,
): { title: string; body: string } {
  const names = parts.map(({ changeset }) => changeset.workload).join(", ");
  const subjects = [
    ...(parts.length === 1 ? [summarise(parts[0].changeset)] : []),
    ...(parts.length > 1 ? [`${stack}: capacity of ${names}`] : []),
    ...(envelope === undefined ? [] : [`${stack}: envelope of ${envelope.envelope.workloads.join(", ")}`]),
  ];
  const title = subjects.join("; ");
  const several =
    parts.length > 1
      ? [
          "A merge of this pull request approves all of it. Merge with a merge commit or by rebase: a squash of several changes into one is not applied.",
        ]
      : [];
  const tables = parts.map((part) => table(part, MOST_TABLE / parts.length));
  const floors = envelope === undefined ? [] : [envelopeText(envelope)];
  const essential = [...several, ...parts.map(verdict), ...tables, ...floors];
  const differences = parts.map((part) => rawDiff(part, MOST_DIFF / parts.length));
  const further = [...parts.map(reasons), ...parts.map(charts), ...parts.map(digests), ...differences];
  const body = fit([...essential, ...further.filter((text) => text !== ""), ...trailers(parts)]);
  return { title: shorten(title.replace(/\p{Cc}+/gu, " "), MOST_TITLE), body };
}

/** The one comment: where each changeset stands. Pure. @param notes what a person should know besides */
export function statusText(changesets: readonly Changeset[], notes: readonly string[]): string {
  const rows = changesets.map((changeset) => {
    const { id, state, approvedBy, ready, leadTime, failure } = changeset;
    const came =
      state === "done" && leadTime !== undefined ? `in force ${Math.round(leadTime)} s after the decision` : "";
    const said = [
      approvedBy === undefined ? "" : `approved by ${approvedBy}`,
      came,
      ready === undefined ? "" : `${ready} replicas ready`,
      failure === undefined ? "" : `${failure.step}: ${failure.message}`,
    ].filter((text) => text !== "");
    return `| ${plain(summarise(changeset), 120)} | **${plain(state)}** | ${plain(said.join("; "), 600)} | ${code(id)} |`;
  });
  return fit([
    ["| change | state | | changeset |", "| --- | --- | --- | --- |", ...rows].join("\n"),
    ...notes.map((note) => plain(note, 2000)),
  ]);
}

/** Floors by hour that a merge approves beforehand, and until when. */
function envelopeText({ envelope: { id, path, workloads, text }, diff }: EnvelopePart): string {
  const approved = [...parseEnvelope(text, path)].filter(([name]) => workloads.includes(name));
  const rows = approved.flatMap(([name, { until, hours }]) =>
    hours.map(
      ({ from, to, least, greatest }) =>
        `| ${plain(name)} | ${from}–${to} h | ${least} to ${greatest} | ${formatInstant(until)} |`,
    ),
  );
  const table = [
    "| workload | hours (UTC) | floors | until |",
    "| --- | --- | --- | --- |",
    ...within(rows, MOST_TABLE),
  ];
  return [
    `### Envelope of ${plain(workloads.join(", "))}`,
    "",
    "- **Merging approves these floors beforehand**: inside them plans are applied without asking, outside they ask. Edit the numbers in the branch as you like.",
    "- **Constraints and policy** hold all the same.",
    "",
    ...table,
    "",
    fenced([`foreshadow diff ${id}`, `foreshadow approve ${id}`, `foreshadow reject ${id}`].join("\n"), "sh"),
    "",
    `<details><summary>Difference of the envelope</summary>\n\n${fenced(within(diff.split("\n"), MOST_DIFF).join("\n"), "diff")}\n\n</details>`,
  ].join("\n");
}

function verdict({ changeset, outlook, expiresAt }: PullRequestPart): string {
  const { changes = [], policyViolations = [], reversibility, notes = [] } = changeset;
  const resources = new Map(changes.map(({ urn, operation }) => [urn, operation]));
  const counts = (["create", "update", "replace", "delete"] as const)
    .map((kind) => [kind, [...resources.values()].filter((one) => one === kind).length] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} to ${kind}`);
  const { price } = outlook;
  return [
    `### ${plain(summarise(changeset))}`,
    "",
    `- **Waits for a merge**, until ${formatInstant(expiresAt)}${notes.length > 0 ? `: ${plain(notes.join("; "), 600)}` : ""}`,
    `- **Changes**: ${changes.length} ${changes.length === 1 ? "property" : "properties"} of ${resources.size} ${resources.size === 1 ? "resource" : "resources"}${counts.length > 0 ? ` (${counts.join(", ")})` : ""}`,
    price === undefined
      ? "- **Price**: not known"
      : `- **Price**: ${usd(price.asked)} as asked for; what will be needed costs ${usd(price.p10)} to ${usd(price.p90)} (p10 to p90, p50 ${usd(price.p50)})`,
    `- **Way back**: ${reversibility ?? "not rehearsed"}${reversibility === undefined ? "" : ", rehearsed"}`,
    `- **Constraints and policy**: ${policyViolations.length === 0 ? "nothing against it" : plain(policyViolations.join("; "), 1000)}`,
    "",
    `Merging approves it for commit ${code(changeset.commit ?? "none")}; closing rejects it. Without this host:`,
    "",
    fenced(
      [
        `foreshadow explain ${changeset.id}`,
        `foreshadow approve ${changeset.id}`,
        `foreshadow reject ${changeset.id}`,
      ].join("\n"),
      "sh",
    ),
  ].join("\n");
}

function table({ changeset }: PullRequestPart, most: number): string {
  const { changes = [] } = changeset;
  const all = changes.map((change) => {
    const { resource, operation, property, before, after } = change;
    const values =
      property === ""
        ? ""
        : `${plain(propertyText(property, before), 80)} → ${plain(propertyText(property, after), 80)}`;
    const field = property === "" ? `(${operation})` : code(property);
    return `| ${code(resource)} | ${field} | ${values} | ${plain(why(change, changeset.reasons), 200)} |`;
  });
  const rows = within(all, most);
  const rest = all.length - rows.length;
  return [
    "| resource | field | old → new | why |",
    "| --- | --- | --- | --- |",
    ...rows,
    ...(rest > 0 ? ["", `and ${rest} more: ${code(`foreshadow explain ${changeset.id}`)}`] : []),
  ].join("\n");
}

/** Reasons that drive a change, those that say most of it first. */
const DRIVING: readonly Reason["kind"][] = [
  "load",
  "event",
  "forecast",
  "demand",
  "slo",
  "pin",
  "release",
  "plan",
  "short",
];

function why({ property }: PropertyChange, reasons: readonly Reason[]): string {
  const dimension = dimensionOf(property);
  const driving = DRIVING.flatMap((kind) => reasons.filter((reason) => reason.kind === kind));
  const of = (reason: Reason) => reason.dimension ?? (reason.series && DIMENSION_OF[reason.series]);
  const own = driving.find((reason) => dimension !== undefined && of(reason) === dimension);
  const first = own ?? driving[0] ?? reasons[0];
  const driver = reasons.find(({ kind, series }) => kind === "driver" && series === first?.series);
  return [first, driver].flatMap((reason) => reason?.text ?? []).join("; ");
}

function dimensionOf(property: string) {
  if (/memory/i.test(property)) return "memory";
  if (/storage|iops|throughput|size/i.test(property)) return "disk";
  if (/bandwidth/i.test(property)) return "network";
  return /cpu/i.test(property) ? "cpu" : undefined;
}

function reasons({ changeset }: PullRequestPart): string {
  const shown = reasonsForPeople(changeset.reasons)
    .slice(0, MOST_REASONS)
    .map(({ text }) => `- ${plain(text, 400)}`);
  return shown.length === 0 ? "" : [`**Why, ${plain(changeset.workload)}**`, "", ...shown].join("\n");
}

function charts({ changeset, outlook }: PullRequestPart): string {
  return outlook.forecasts
    .slice(0, MOST_CHARTS)
    .map((forecast) => {
      const { series, model, evidence, issuedAt, step, horizons } = forecast;
      const until = issuedAt + (horizons.at(-1) ?? 0) * step;
      const heading = `**Forecast of ${plain(`${series} of ${changeset.workload}`)}**, ${formatInstant(issuedAt)} to ${formatInstant(until)}, by ${plain(model)}${evidence.trusted ? "" : ", not trusted"}`;
      return `${heading}\n\n${fenced(bandChart([], band(forecast), CHART).join("\n"))}`;
    })
    .join("\n\n");
}

function band({ horizons, point, values }: Forecast) {
  const upper = values[values.length - 1] ?? point;
  const lower = values[0] ?? point;
  return horizons.map((ahead, k) => ({ ahead, point: point[k], lower: lower[k], upper: upper[k] }));
}

function digests({ changeset }: PullRequestPart): string {
  const { id, evidence, previewDigest, stateDigest, binding, baseCommit } = changeset;
  const known = [
    ["changeset", id],
    ["evidence", evidence?.inputDigest],
    ["preview", previewDigest],
    ["state", stateDigest],
    ["base commit", baseCommit],
    [
      "section, resources, program",
      binding && [binding.section, binding.resources, binding.program].map((one) => one.slice(0, 16)).join(" "),
    ],
  ].filter((pair): pair is [string, string] => pair[1] !== undefined);
  const rows = known.map(([what, digest]) => `| ${what} | ${code(digest)} |`);
  return `<details><summary>What an approval binds to</summary>\n\n| | |\n| --- | --- |\n${rows.join("\n")}\n\n</details>`;
}

function rawDiff({ changeset, diff }: PullRequestPart, most: number): string {
  const lines = diff.split("\n");
  const shown = within(lines, most);
  if (shown.length < lines.length) shown.push(`… cut here; all of it: git show ${changeset.commit}`);
  return `<details><summary>Difference of the capacity file, ${plain(changeset.workload)}</summary>\n\n${fenced(shown.join("\n"), "diff")}\n\n</details>`;
}

/** A squash that takes its message from this text carries them on. */
function trailers(parts: readonly PullRequestPart[]): string[] {
  return [parts.map(({ changeset }) => `Foreshadow-Changeset: ${changeset.id}`).join("\n")];
}

/** Blocks in order while they fit; the last always does. */
function fit(blocks: readonly string[]): string {
  const last = blocks.at(-1) ?? "";
  const size = (text: string) => Buffer.byteLength(text) + 2;
  let left = MOST_BYTES - size(last);
  const kept: string[] = [];
  let omitted = 0;
  for (const block of blocks.slice(0, -1)) {
    if (size(block) > left) omitted++;
    else {
      kept.push(block);
      left -= size(block);
    }
  }
  if (omitted > 0) kept.push(`${omitted} parts are left out here; ${code("foreshadow explain")} shows all.`);
  return [...kept, shorten(last, MOST_BYTES)].join("\n\n");
}

/** As many of the first lines as fit into so many bytes. */
function within(lines: readonly string[], most: number): string[] {
  let left = most;
  const end = lines.findIndex((line) => {
    left -= Buffer.byteLength(line) + 1;
    return left < 0;
  });
  return lines.slice(0, end < 0 ? lines.length : end);
}

function shorten(text: string, most: number): string {
  const characters = [...text];
  return characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : text;
}

function usd(value: number): string {
  return `${value.toFixed(2)} USD/h`;
}

/** Digest of a text that was sent, to tell whether another has to be. */
export function textDigest(...texts: readonly string[]): string {
  return createHash("sha256").update(texts.join("\0")).digest("hex");
}
