import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join, resolve } from "node:path";
import type { Assessment } from "../engine/assessment/assess.ts";
import { assessOnThreads } from "../engine/assessment/assessment-threads.ts";
import { courseCells, differenceCell, explainedCell } from "../engine/assessment/describe.ts";
import { type HistoryReport, inOrder, totalsOf } from "../engine/assessment/history-report.ts";
import { recordedFromServer } from "../engine/assessment/recorded-from-server.ts";
import { coarser, type RecordedWorkload } from "../engine/assessment/recorded-workload.ts";
import { reportPage } from "../engine/assessment/report-page.ts";
import { readInput } from "../engine/project-files.ts";
import { parseTrace } from "../engine/replay/trace.ts";
import { slug } from "../engine/usage/history/find-workloads.ts";
import { PrometheusHistory } from "../engine/usage/history/prometheus-history.ts";
import type { HistoryWindow } from "../engine/usage/history/usage-history.port.ts";
import { PrometheusServer } from "../engine/usage/pull/prometheus-server.ts";
import { matchesName } from "../model/bound-resources.ts";
import { InputError } from "../model/input-error.ts";
import { formatInstant, parseInstant } from "../model/instant.ts";
import type { Context } from "./context.ts";
import { durationArgument, violationArgument } from "./duration-argument.ts";
import { type Output, paced, table } from "./output.ts";
import { projectTemplates, type TemplateWorkload } from "./project-templates.ts";
import { type ServerArguments, type ServerSettings, serverOf, serverSettings } from "./server-options.ts";
import { writeMissing } from "./write-missing.ts";

export interface HistoryArguments extends ServerArguments {
  /** An address, or `true` for that of the project. */
  readonly prometheus?: string | true;
  readonly csv?: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly step: string;
  readonly startDelay: string;
  readonly violation: string;
  readonly threads?: string;
  readonly out: string;
}

const DAY = 86_400;
const SINCE = "14d";
const MOST_DAYS = 92;
const MOST_THREADS = 16;

/** Judges workloads by a past that a server or files have, and writes what came of it. Nothing but the report is written. */
export async function reportHistory(
  context: Context,
  pattern: string | undefined,
  options: HistoryArguments,
): Promise<void> {
  const { output } = context;
  const step = durationArgument("--step", options.step);
  if (!(step >= 15 && step <= 3600 && Number.isInteger(DAY / step)))
    throw new InputError("--step", [
      { path: "", expected: "a duration from 15s to 1h that divides a day", found: options.step },
    ]);
  const settings = {
    startDelay: durationArgument("--start-delay", options.startDelay),
    violation: violationArgument("--violation", options.violation),
  };
  const progress = new Progress(output);
  const source =
    options.csv !== undefined
      ? {
          name: options.csv.map((file) => basename(file)).join(", "),
          recorded: fromFiles(options.csv, options, step, pattern),
        }
      : fromServer(context, options, step, pattern, progress);
  const assessments: Assessment[] = [];
  for await (const assessment of assessOnThreads(source.recorded, settings, threadsOf(options))) {
    assessments.push(assessment);
    progress.judged();
  }
  if (assessments.length === 0)
    throw new InputError(source.name, [
      { path: "", expected: `workloads${pattern === undefined ? "" : ` named ${pattern}`} with a past`, found: "none" },
    ]);
  const report: HistoryReport = { version: 1, source: source.name, step, ...settings, workloads: inOrder(assessments) };
  const root = resolve(options.out);
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, "report.html"), reportPage(report));
  writeFileSync(join(root, "report.json"), `${JSON.stringify(report)}\n`);
  const { kept } = writeMissing(root, proposal(report, "settings" in source ? source.settings : undefined));
  output.result({ ...report, out: root, kept }, () => [
    ...lines(report),
    "",
    `wrote ${join(options.out, "report.html")}, report.json and the constraints that fit, all in observe`,
    ...(kept.length === 0 ? [] : [`kept what was there: ${kept.join(", ")}`]),
  ]);
}

function threadsOf({ threads }: HistoryArguments): number {
  if (threads === undefined) return Math.min(MOST_THREADS, availableParallelism());
  if (/^\d{1,2}$/.test(threads) && Number(threads) >= 1 && Number(threads) <= MOST_THREADS) return Number(threads);
  throw new InputError("--threads", [
    { path: "", expected: `a whole number from 1 to ${MOST_THREADS}`, found: threads },
  ]);
}

/** Tells on standard error how far it has come. */
class Progress {
  readonly #told: (text: () => string) => void;
  readonly #output: Output;
  #all: number | undefined;
  #read = 0;
  #judged = 0;

  constructor(output: Output) {
    this.#output = output;
    this.#told = paced(output);
  }

  found(read: number, all: number): void {
    this.#all = read;
    this.#output.progress(`${all} workloads found${read < all ? `, ${read} of them are read` : ""}`);
  }

  read(share: number): void {
    this.#read = share;
    this.#tell();
  }

  judged(): void {
    this.#judged++;
    this.#tell();
  }

  #tell(): void {
    const read = this.#all === undefined ? "" : `, ${Math.round(100 * this.#read)} % read`;
    this.#told(() => `${this.#judged}${this.#all === undefined ? "" : ` of ${this.#all}`} workloads judged${read}`);
  }
}

function windowOf({ since = SINCE, until }: HistoryArguments, step: number): HistoryWindow {
  const seconds = durationArgument("--since", since);
  if (!(seconds >= DAY && seconds <= MOST_DAYS * DAY))
    throw new InputError("--since", [{ path: "", expected: `a duration from 1d to ${MOST_DAYS}d`, found: since }]);
  const at = until === undefined ? Date.now() / 1000 : parseInstant(until);
  if (at === undefined)
    throw new InputError("--until", [
      { path: "", expected: "epoch seconds or an instant such as 2026-11-24T08:00Z", found: String(until) },
    ]);
  const to = Math.floor(at / step) * step;
  return { from: to - Math.ceil(seconds / step) * step, to, step };
}

function fromServer(
  context: Context,
  options: HistoryArguments,
  step: number,
  pattern: string | undefined,
  progress: Progress,
) {
  const settings =
    typeof options.prometheus === "string" ? serverSettings(options.prometheus, options) : projectServer(context);
  const { url } = settings;
  const window = windowOf(options, step);
  const source = serverOf(settings);
  const history = new PrometheusHistory({ server: new PrometheusServer(source) });
  async function* recorded() {
    try {
      yield* recordedFromServer(history, window, pattern, progress);
    } catch (error) {
      throw new Error(`${url}: ${(error as Error).message}`, { cause: error });
    } finally {
      source.close();
    }
  }
  const name = `${url}, ${formatInstant(window.from)} to ${formatInstant(window.to)}`;
  return { name, settings, recorded: recorded() };
}

/** The server of the project, whose paths start from its file. */
function projectServer(context: Context): ServerSettings {
  const { project, file, root } = context.project();
  if (project.prometheus === undefined)
    throw new InputError(file, [
      { path: "prometheus", expected: "the address of a server, or one behind --prometheus", found: "none" },
    ]);
  const { url, token, ca, certificate, key } = project.prometheus;
  const at = (path: string | undefined) => path && resolve(root, path);
  return {
    url,
    ...(token && { token: "file" in token ? { file: resolve(root, token.file) } : token }),
    ...(ca && { ca: at(ca) }),
    ...(certificate && { certificate: at(certificate) }),
    ...(key && { key: at(key) }),
  };
}

async function* fromFiles(
  files: readonly string[],
  options: HistoryArguments,
  step: number,
  pattern: string | undefined,
): AsyncGenerator<RecordedWorkload> {
  const taken = new Map<string, string>();
  for (const file of files) {
    const name = slug(basename(file).replace(/\.csv$/i, ""));
    if (taken.has(name))
      throw new InputError("--csv", [
        { path: "", expected: "files of different names", found: `${taken.get(name)} and ${file}` },
      ]);
    taken.set(name, file);
    if (pattern !== undefined && !matchesName([pattern], name)) continue;
    const whole = parseTrace(readInput(file), file);
    const asked = options.since === undefined ? undefined : durationArgument("--since", options.since);
    const trace = coarser(asked === undefined ? whole : lastOf(whole, asked), step);
    yield { name, kind: "trace file", trace, told: [], throttled: 0, notes: [] };
  }
}

function lastOf(trace: ReturnType<typeof parseTrace>, seconds: number): ReturnType<typeof parseTrace> {
  const first = Math.max(0, trace.ticks - Math.ceil(seconds / trace.step));
  const series = new Map([...trace.series].map(([name, values]) => [name, values.subarray(first)]));
  return { ...trace, startsAt: trace.startsAt + first * trace.step, ticks: trace.ticks - first, series };
}

/** The files of a project that observes the workloads as they were found; without a server the constraints alone. */
function proposal({ workloads }: HistoryReport, prometheus: ServerSettings | undefined): Record<string, string> {
  const files = projectTemplates({
    workloads: workloads.map(templateOf),
    stack: "dev",
    dir: ".",
    ...(prometheus !== undefined && { prometheus: { ...prometheus } }),
  });
  if (prometheus !== undefined) return files;
  return Object.fromEntries(Object.entries(files).filter(([path]) => path.startsWith("policies/")));
}

function templateOf({ workload, kind, labels, verdict, constraints, capacity, chart }: Assessment): TemplateWorkload {
  const count = capacity?.guessed === false ? chart?.today.at(-1) : undefined;
  return {
    name: workload,
    select: { labels: labels ?? {} },
    about: `${kind}; ${verdict.worth}: ${verdict.reasons[0]}`,
    constraints,
    ...(capacity?.guessed === false && {
      capacity: {
        ...(count && { count }),
        ...(capacity.series === "cpu" && { cpu: Number(capacity.perReplica.toPrecision(4)) }),
      },
    }),
  };
}

function lines({ workloads, source }: HistoryReport): string[] {
  const totals = totalsOf(workloads);
  const gained = totals.today > 0 ? Math.max(0, 1 - totals.chosen / totals.today) : 0;
  return [
    source,
    "",
    ...table([
      ["workload", "verdict", "today's capacity", "reactive-only", "Foreshadow", "against today", "predictable"],
      ...workloads.map((one) => {
        const { workload, verdict, predictability } = one;
        return [workload, verdict.worth, ...courseCells(one), differenceCell(one), explainedCell(predictability[0])];
      }),
    ]),
    "",
    ...workloads.flatMap(({ workload, verdict }) =>
      verdict.reasons.map((reason, i) => `${i === 0 ? `${workload}: ` : "  "}${reason}`),
    ),
    "",
    `worth it for ${totals.worth} of ${totals.judged} that could be judged: ${(100 * gained).toFixed(0)} % fewer replica-hours than today's capacity in all`,
  ];
}
