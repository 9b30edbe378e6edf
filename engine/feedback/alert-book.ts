import type { Alert, AlertEvent, AlertSubject } from "./alert.ts";

/** Below this share of what opened it, an alert counts as quiet. */
const QUIET = 0.5;
/** An open alert is told again when it has become so many times worse. */
const WORSE = 1.5;
/** Alerts that are kept after they are over. */
const KEPT = 200;

/** What was seen of a subject in a tick. */
export interface Sighting {
  readonly subject: AlertSubject;
  /** Ratio to what opens an alert: above 1 opens one. NaN where nothing was measured: time goes on, nothing is told or ended. */
  readonly ratio: number;
  /** Made only when there is something to tell. */
  describe(): Pick<Alert, "value" | "expected" | "multiple" | "movers" | "text">;
}

interface Open {
  alert: Alert;
  quiet: number;
  /** The greatest ratio that was told. */
  told: number;
}

/**
 * The alerts of one workload. One opens above its threshold, is updated when it becomes clearly worse, and is resolved only after
 * it was below half the threshold for a while, so that one that comes and goes is one alert.
 */
export class AlertBook {
  private readonly workload: string;
  private readonly quietTicks: number;
  private readonly open = new Map<AlertSubject, Open>();
  private over: Alert[] = [];

  /** @param quietTicks ticks below half the threshold after which an alert is over */
  constructor(workload: string, quietTicks: number) {
    this.workload = workload;
    this.quietTicks = Math.max(1, quietTicks);
  }

  /** Open alerts, then those that are over, the newest first. */
  get alerts(): readonly Alert[] {
    return [...[...this.open.values()].map(({ alert }) => alert), ...this.over];
  }

  isOpen(subject: AlertSubject): boolean {
    return this.open.has(subject);
  }

  /** Takes what was seen in the tick that ended at `at`. @returns what is to be told */
  sight({ subject, ratio, describe }: Sighting, at: number): AlertEvent | undefined {
    const open = this.open.get(subject);
    if (Number.isNaN(ratio)) return undefined;
    if (open === undefined) {
      if (!(ratio > 1)) return undefined;
      const id = `${this.workload}/${subject}/${Math.round(at)}`;
      const alert: Alert = { id, workload: this.workload, subject, openedAt: at, updatedAt: at, ...describe() };
      this.open.set(subject, { alert, quiet: 0, told: ratio });
      return { change: "opened", alert };
    }
    open.quiet = ratio > QUIET ? 0 : open.quiet + 1;
    if (open.quiet >= this.quietTicks) return this.end(subject, open, at);
    if (!(ratio > WORSE * open.told)) return undefined;
    open.told = ratio;
    open.alert = { ...open.alert, ...describe(), updatedAt: at };
    return { change: "updated", alert: open.alert };
  }

  /** Ends an alert whose end is known. */
  close(subject: AlertSubject, at: number): AlertEvent | undefined {
    const open = this.open.get(subject);
    return open && this.end(subject, open, at);
  }

  private end(subject: AlertSubject, { alert }: Open, at: number): AlertEvent {
    const resolved: Alert = { ...alert, updatedAt: at, resolvedAt: at };
    this.open.delete(subject);
    this.over = [resolved, ...this.over].slice(0, KEPT);
    return { change: "resolved", alert: resolved };
  }

  snapshot(): unknown {
    return { open: [...this.open], over: this.over };
  }

  restore(state: unknown): void {
    const s = state as { open: [AlertSubject, Open][]; over: Alert[] };
    this.open.clear();
    for (const [subject, open] of s.open) this.open.set(subject, open);
    this.over = s.over;
  }
}
