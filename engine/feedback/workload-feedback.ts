import type { SeriesName } from "../../model/dimension.ts";
import { formatShort } from "../../model/units.ts";
import type { UsageVector } from "../../model/vector.ts";
import type { Forecast } from "../forecast/forecast.port.ts";
import type { Alert, AlertEvent, Mover } from "./alert.ts";
import { AlertBook, type Sighting } from "./alert-book.ts";
import { type Correction, corrected } from "./correction.ts";
import { type Incident, IncidentDetector, type Signs } from "./incident-detector.ts";
import { ProcessUsage } from "./movers.ts";
import { covers, type Quarantine } from "./quarantine.ts";
import { type Change, type Look, SeriesWatch } from "./series-watch.ts";
import { Surprise } from "./surprise.ts";

/** Share of a season without a sign after which an alert is over: three hours of a day. */
const QUIET = 1 / 8;
/** Parts of a season that an anomaly has to last before people are told, five minutes of a day; and ticks: one mad tick counts for three. */
const LASTING = { parts: 288, ticks: 4 };
/** Root of the sum of squared ratios below which all series together are no surprise. */
const LEAST_JOINT = 1.2;

/** A tick as it was measured. */
export interface Tick {
  /** Epoch seconds of its end. */
  readonly end: number;
  /** By series; NaN where it was not measured. */
  readonly values: ReadonlyMap<SeriesName, number>;
  /** What is known besides; of the tick that has just ended alone. */
  readonly live?: Live | undefined;
  /** It was over before anyone looked: the engine learns its past, or catches up after it stood still. */
  readonly past?: boolean;
}

export interface Live extends Omit<Signs, "looks"> {
  readonly vectors: readonly UsageVector[];
}

const VERSION = 2;

/** State of the feedback of a workload, to go on from after a restart. */
export interface FeedbackSnapshot {
  readonly version: typeof VERSION;
  readonly watches: readonly (readonly [SeriesName, unknown])[];
  readonly parts: unknown;
}

/** What happened in a tick besides alerts. */
export interface TickFindings {
  readonly alerts: readonly AlertEvent[];
  /** The incident that the tick belongs to, as far as it was detected. */
  readonly incident: Incident | undefined;
}

/**
 * What comes back from the world to the forecasts of one workload: how far each tick was from what had been forecast, which
 * anomalies that makes, which ticks are kept out of what is learnt, and when a forecaster has to be made anew. Pure: what it is
 * told makes all of it.
 */
export class WorkloadFeedback {
  readonly workload: string;
  private readonly step: number;
  private readonly season: number;
  private readonly watches = new Map<SeriesName, SeriesWatch>();
  private readonly usages = new Map<SeriesName, ProcessUsage>();
  private readonly joint: Surprise;
  private readonly book: AlertBook;
  private readonly incidents: IncidentDetector;
  private incident: Incident | undefined;
  private events: AlertEvent[] = [];
  /** Ticks that were seen as they ended. */
  private lived = 0;
  /** As the store has them; set by the loop. */
  quarantines: readonly Quarantine[] = [];
  corrections: readonly Correction[] = [];

  /** @param step seconds a tick. @param season seconds */
  constructor(workload: string, step: number, season: number) {
    this.workload = workload;
    this.step = step;
    this.season = Math.round(season / step);
    this.joint = new Surprise(this.season, LEAST_JOINT);
    this.book = new AlertBook(workload, Math.round(QUIET * this.season));
    this.incidents = new IncidentDetector(this.season, step);
  }

  /**
   * Takes a tick before the forecasters do.
   *
   * @param forecastOf the forecasts that were issued at the end of the tick before
   * @returns what the forecasters are to learn of it: NaN where nothing
   */
  admit(
    { end, values, live, past }: Tick,
    forecastOf: (series: SeriesName) => Forecast | undefined,
  ): Map<SeriesName, number> {
    if (past !== true) this.lived++;
    const known = this.quarantines.some((one) => covers(one, end - this.step, end));
    const looks = new Map<SeriesName, Look>();
    for (const [series, value] of values)
      looks.set(series, this.watch(series).look(value, forecastOf(series), known || this.incident !== undefined));
    if (live !== undefined) this.incident = this.incidents.update({ ...live, looks });
    const excluded = known || this.incident !== undefined;
    const learn = new Map<SeriesName, number>();
    for (const [series, value] of values) {
      const taught = excluded ? Number.NaN : corrected(value, end, series, this.corrections);
      learn.set(series, taught);
      this.watch(series).learn(taught, forecastOf(series));
    }
    this.sight(end, looks, live?.vectors ?? []);
    return learn;
  }

  /** What was found since it was last asked; of a past that was caught up with, only what is still open. */
  findings(at: number): TickFindings {
    const open = new Set(this.alerts.filter(({ resolvedAt }) => resolvedAt === undefined).map(({ id }) => id));
    const alerts = this.events.filter(({ change, alert }) =>
      alert.updatedAt >= at ? true : change === "opened" && open.has(alert.id),
    );
    this.events = [];
    return { alerts, incident: this.incident };
  }

  get alerts(): readonly Alert[] {
    return this.book.alerts;
  }

  /** Anomalies that were detected so far; people are told those that last. */
  get detected(): number {
    return this.book.detected;
  }

  /** Ticks that an anomaly has to last before people are told. In the first season of watching a workload, none is told. */
  private get lasting(): number {
    const { ticks, parts } = LASTING;
    return this.lived < this.season ? Number.POSITIVE_INFINITY : Math.max(ticks, Math.round(this.season / parts));
  }

  /** The series that are watched. */
  get series(): readonly SeriesName[] {
    return [...this.watches.keys()];
  }

  /** Changes that the forecasters have not followed, the worst first. */
  changes(): Change[] {
    return [...this.watches.values()]
      .flatMap((watch) => watch.change() ?? [])
      .sort((a, b) => b.present - b.former - (a.present - a.former));
  }

  watch(series: SeriesName): SeriesWatch {
    const existing = this.watches.get(series);
    if (existing !== undefined) return existing;
    const created = new SeriesWatch(series, this.season);
    this.watches.set(series, created);
    return created;
  }

  /** A forecaster was made anew, and its watch with it. */
  replace(watch: SeriesWatch): void {
    this.watches.set(watch.series, watch);
  }

  /** What a forecaster made anew would be taught, by value and end of tick. @param corrections instead of those in force */
  teacher(series: SeriesName, corrections = this.corrections): (value: number, end: number) => number {
    return (value, end) =>
      this.quarantines.some((one) => covers(one, end - this.step, end))
        ? Number.NaN
        : corrected(value, end, series, corrections);
  }

  private sight(end: number, looks: ReadonlyMap<SeriesName, Look>, vectors: readonly UsageVector[]): void {
    for (const [series, { ratio, residual, earlier }] of looks) {
      if (residual === undefined) continue;
      const { value, expected, scale, score } = residual;
      const back = Math.abs(value - earlier) < scale;
      this.sightOne({ subject: series, ratio, back, size: Math.abs(score) }, end, () => {
        const movers = this.usage(series).movers(vectors, score < 0 ? -1 : 1);
        return { value, expected, multiple: Math.abs(score), movers, text: describe(series, residual, movers) };
      });
      if (vectors.length > 0 && !this.book.isOpen(series)) this.usage(series).learn(vectors);
    }
    this.sightJoint(end, looks, vectors);
    this.sightIncident(end);
  }

  private sightOne(
    { lasting = this.lasting, ...seen }: Omit<Sighting, "describe" | "lasting"> & { lasting?: number },
    end: number,
    tell: Sighting["describe"],
  ): void {
    const describe = () => {
      const told = tell();
      return { ...told, text: `${this.workload}: ${told.text}` };
    };
    const event = this.book.sight({ ...seen, lasting, describe }, end);
    if (event !== undefined) this.events.push(event);
  }

  /** Series that are each a little outside at the same time. */
  private sightJoint(end: number, looks: ReadonlyMap<SeriesName, Look>, vectors: readonly UsageVector[]): void {
    const ratios = [...looks].filter(([, { ratio }]) => !Number.isNaN(ratio));
    if (ratios.length < 2) return;
    let sum = 0;
    for (const [, { ratio }] of ratios) sum += ratio * ratio;
    const ratio = this.joint.update(Math.sqrt(sum));
    // What one series shows alone is told of that series.
    const single = ratios.some(([series]) => this.book.isOpen(series));
    if (single && !this.book.isOpen("joint")) return;
    this.sightOne({ subject: "joint", ratio, size: Math.sqrt(sum) }, end, () => {
      const [series, { residual }] = ratios.reduce((most, one) => (one[1].ratio > most[1].ratio ? one : most));
      const names = ratios.flatMap(([name, { residual: one }]) =>
        one !== undefined && Math.abs(one.score) >= 1 ? [`${name} ${formatShort(one.score)} ×`] : [],
      );
      return {
        multiple: Math.sqrt(sum),
        movers: residual === undefined ? [] : this.usage(series).movers(vectors, this.watch(series).direction),
        text: `${ratios.length} series together are ${formatShort(Math.sqrt(sum))} × as far from their forecasts as one may be: ${names.join(", ")} the usual error`,
      };
    });
  }

  private sightIncident(end: number): void {
    const { incident } = this;
    const open = this.book.isOpen("incident");
    if (incident === undefined) {
      const event = open ? this.book.close("incident", end) : undefined;
      if (event !== undefined) this.events.push(event);
    } else if (!open)
      this.sightOne({ subject: "incident", ratio: 2, size: 0, lasting: 1 }, end, () => ({
        multiple: 0,
        movers: [],
        text: `${incident.kind}: ${incident.reason}; nothing is learnt from it and nothing released`,
      }));
  }

  /** A person says that the incident under way is none. */
  dismissIncident(): void {
    this.incidents.dismiss();
    this.incident = undefined;
  }

  private usage(series: SeriesName): ProcessUsage {
    const existing = this.usages.get(series);
    if (existing !== undefined) return existing;
    const created = new ProcessUsage(series);
    this.usages.set(series, created);
    return created;
  }

  snapshot(): FeedbackSnapshot {
    const { joint, book, incidents, incident, lived } = this;
    return {
      version: VERSION,
      watches: [...this.watches].map(([series, watch]) => [series, watch.snapshot()] as const),
      parts: { joint: joint.snapshot(), book: book.snapshot(), incidents: incidents.snapshot(), incident, lived },
    };
  }

  /** Goes on from a snapshot, for those series whose forecasters did. @throws where it was made by other settings or another version */
  restore({ version, watches, parts }: FeedbackSnapshot, series: readonly SeriesName[]): void {
    if (version !== VERSION)
      throw new RangeError(`expected the state of feedback of version ${VERSION}, found another`);
    for (const [name, state] of watches) {
      if (!series.includes(name)) continue;
      const watch = new SeriesWatch(name, this.season);
      watch.restore(state);
      this.watches.set(name, watch);
    }
    const s = parts as { joint: unknown; book: unknown; incidents: unknown; incident?: Incident; lived: number };
    this.joint.restore(s.joint);
    this.book.restore(s.book);
    this.incidents.restore(s.incidents);
    this.incident = s.incident;
    this.lived = s.lived;
  }
}

function describe(
  series: SeriesName,
  { value, expected, scale, score }: { value: number; expected: number; scale: number; score: number },
  movers: readonly Mover[],
): string {
  const side = score < 0 ? "below" : "above";
  const who = movers.map(
    ({ executable, pid, function: inside, before, now }) =>
      `${executable} (${pid}) ${formatShort(before)} to ${formatShort(now)}${inside === undefined ? "" : `, in ${inside}`}`,
  );
  return (
    `${series} is ${formatShort(value)}, ${formatShort(Math.abs(value - expected))} ${side} the ${formatShort(expected)} expected: ` +
    `${formatShort(Math.abs(score))} × the usual error of ${formatShort(scale)}` +
    (who.length === 0 ? "" : `; moved: ${who.join(", ")}`)
  );
}
