import type { Alert, AlertEvent, AlertSubject } from "./alert.ts";

/** Below this share of what opened it, an alert counts as quiet. */
const QUIET = 0.5;
/** An open alert is told again when it has become so many times worse. */
const WORSE = 1.5;
/** Alerts that are kept after they are over. */
const KEPT = 200;

type Facts = Pick<Alert, "value" | "expected" | "multiple" | "movers" | "text">;

/** What was seen of a subject in a tick. */
export interface Sighting {
  readonly subject: AlertSubject;
  /** Ratio to what is an anomaly: above 1 begins one. NaN where nothing was measured: time goes on, nothing is told or ended. */
  readonly ratio: number;
  /** It is outside of what is expected now, and where it was expected before: forecasts have followed a burst, and what comes back from it does not last. */
  readonly back?: boolean;
  /** How far outside this tick was: an alert shows the tick that was farthest. */
  readonly size: number;
  /** Ticks that it has to go on for before people are told; infinite while they are not to be told at all. */
  readonly lasting: number;
  /** Made only of a tick that was farther outside than those before it. */
  describe(): Facts;
}

/** An anomaly from when it was detected until it has been quiet for a while. */
interface Episode {
  /** Ticks above the threshold since it was last quiet or back, and ticks that it has been quiet for. */
  above: number;
  quiet: number;
  /** The tick that was farthest outside. */
  size: number;
  facts: Facts;
  /** What people know of it: the alert, and the greatest ratio and size that they were told. */
  told?: { alert: Alert; ratio: number; size: number };
}

/**
 * The anomalies of one workload, and which of them people are told. One begins above its threshold and ends only after it was below half the
 * threshold for a while, so that one that comes and goes is one. An alert opens once it has lasted, is updated when it becomes
 * clearly worse, and is resolved at its end.
 */
export class AlertBook {
  private readonly workload: string;
  private readonly quietTicks: number;
  private readonly episodes = new Map<AlertSubject, Episode>();
  private over: Alert[] = [];
  private begun = 0;

  /** @param quietTicks ticks below half the threshold after which an anomaly is over */
  constructor(workload: string, quietTicks: number) {
    this.workload = workload;
    this.quietTicks = Math.max(1, quietTicks);
  }

  /** Open alerts, then those that are over, the newest first. */
  get alerts(): readonly Alert[] {
    return [...[...this.episodes.values()].flatMap(({ told }) => told?.alert ?? []), ...this.over];
  }

  /** Anomalies that have begun so far, told or not. */
  get detected(): number {
    return this.begun;
  }

  /** Whether an anomaly goes on, told or not. */
  isOpen(subject: AlertSubject): boolean {
    return this.episodes.has(subject);
  }

  /** Takes what was seen in the tick that ended at `at`. @returns what is to be told */
  sight({ subject, ratio, size, back = false, lasting, describe }: Sighting, at: number): AlertEvent | undefined {
    if (Number.isNaN(ratio)) return undefined;
    let episode = this.episodes.get(subject);
    if (episode === undefined) {
      if (!(ratio > 1)) return undefined;
      this.begun++;
      episode = { above: 0, quiet: 0, size, facts: describe() };
      this.episodes.set(subject, episode);
    } else if (size > episode.size) {
      episode.size = size;
      episode.facts = describe();
    }
    if (back) episode.above = 0;
    else if (ratio > 1) episode.above++;
    if (ratio > QUIET) episode.quiet = 0;
    else {
      episode.above = 0;
      if (++episode.quiet >= this.quietTicks) return this.close(subject, at);
    }
    return this.tell(subject, episode, ratio, lasting, at);
  }

  private tell(
    subject: AlertSubject,
    episode: Episode,
    ratio: number,
    lasting: number,
    at: number,
  ): AlertEvent | undefined {
    const { told, facts, size } = episode;
    if (told === undefined) {
      if (episode.above < lasting) return undefined;
      const id = `${this.workload}/${subject}/${Math.round(at)}`;
      const alert: Alert = { id, workload: this.workload, subject, openedAt: at, updatedAt: at, ...facts };
      episode.told = { alert, ratio, size };
      return { change: "opened", alert };
    }
    if (!(ratio > WORSE * told.ratio && size > told.size)) return undefined;
    const alert: Alert = { ...told.alert, ...facts, updatedAt: at };
    episode.told = { alert, ratio, size };
    return { change: "updated", alert };
  }

  /** Ends an anomaly. @returns what is to be told, where people know of it */
  close(subject: AlertSubject, at: number): AlertEvent | undefined {
    const episode = this.episodes.get(subject);
    this.episodes.delete(subject);
    if (episode?.told === undefined) return undefined;
    const resolved: Alert = { ...episode.told.alert, ...episode.facts, updatedAt: at, resolvedAt: at };
    this.over = [resolved, ...this.over].slice(0, KEPT);
    return { change: "resolved", alert: resolved };
  }

  snapshot(): unknown {
    return { episodes: [...this.episodes], over: this.over, begun: this.begun };
  }

  restore(state: unknown): void {
    const s = state as { episodes: [AlertSubject, Episode][]; over: Alert[]; begun: number };
    this.episodes.clear();
    for (const [subject, episode] of s.episodes) this.episodes.set(subject, episode);
    this.over = s.over;
    this.begun = s.begun;
  }
}
