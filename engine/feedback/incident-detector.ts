import { SERIES, type SeriesName } from "../../model/dimension.ts";
import { formatShort } from "../../model/units.ts";
import type { QuarantineKind } from "./quarantine.ts";
import type { Look } from "./series-watch.ts";

/** What is known of a workload in the tick that has just ended. */
export interface Signs {
  readonly looks: ReadonlyMap<SeriesName, Look>;
  /** Replicas that should report and those that do. */
  readonly expected: number;
  readonly reporting: number;
  /** Failed requests per second, and all requests, where they are measured. */
  readonly errors?: number;
  readonly requests?: number;
}

export interface Incident {
  readonly kind: Exclude<QuarantineKind, "deploy" | "marked">;
  readonly reason: string;
}

/** Series that traffic shows in, the most direct first. */
const TRAFFIC: readonly SeriesName[] = ["requests", "network", "cpu"];
/** A collapse: no more than this share of what was expected, and so many usual errors below it. */
const COLLAPSED = { share: 0.3, score: 5 };
/** Share of requests that fail in a collapse that is no customer's doing, and in a storm. */
const FAILING = 0.05;
const STORM = 0.2;
/** Times the usual number of errors that is out of the usual. */
const UNUSUAL = 3;
/** Share of the replicas that has to report. */
const LEAST_REPORTING = 0.9;
/** Ticks without a sample that are a loss of telemetry; for too few replicas reporting, seconds as well: new ones are found in a while. */
const LOST_TICKS = 2;
const FEW_SECONDS = 120;
const STORM_TICKS = 2;
/** Ticks without a sign after which it is over. */
const OVER_TICKS = 3;
/** Seasons after which a collapse is taken for the new level: without a measure of errors, and with one. */
const LONGEST = { unknown: 1 / 24, failing: 1 / 4 };
const ERROR_GAIN = 0.02;

/** Tells incidents from their signs: traffic that is gone while requests fail, telemetry that is gone, a storm of errors. */
export class IncidentDetector {
  private readonly season: number;
  private readonly fewTicks: number;
  private current: Incident | undefined;
  private lasted = 0;
  private without = 0;
  private lost = 0;
  private storming = 0;
  private usualErrors = 0;
  private measured = false;
  /** A collapse that lasted too long is told only after it was over once. */
  private given = false;

  /** @param season ticks. @param step seconds a tick */
  constructor(season: number, step: number) {
    this.season = season;
    this.fewTicks = Math.max(LOST_TICKS, Math.ceil(FEW_SECONDS / step));
  }

  /** Takes the signs of the next tick. @returns the incident that the tick belongs to */
  update(signs: Signs): Incident | undefined {
    const incident = this.telemetryLoss(signs) ?? this.collapse(signs) ?? this.errorStorm(signs);
    if (incident === undefined) return this.quietTick(signs);
    this.without = 0;
    if (this.current?.kind !== incident.kind) {
      this.current = incident;
      this.lasted = 0;
    }
    this.lasted++;
    const longest =
      incident.kind !== "traffic collapse" ? 1 : signs.errors === undefined ? LONGEST.unknown : LONGEST.failing;
    if (this.lasted > longest * this.season && incident.kind === "traffic collapse") this.given = true;
    if (this.given) this.current = undefined;
    return this.current;
  }

  /** The incident under way is none: it is told again only after its signs were gone once. */
  dismiss(): void {
    this.current = undefined;
    this.given = true;
  }

  private quietTick({ errors }: Signs): Incident | undefined {
    if (errors !== undefined) this.usualErrors += ERROR_GAIN * (errors - this.usualErrors);
    this.without++;
    if (this.without < OVER_TICKS) return this.current;
    this.current = undefined;
    this.given = false;
    return undefined;
  }

  private telemetryLoss({ looks, expected, reporting }: Signs): Incident | undefined {
    const present = [...looks.values()].some(({ residual }) => residual !== undefined);
    if (present) this.measured = true;
    const few = reporting < LEAST_REPORTING * expected;
    this.lost = this.measured && (!present || few) ? this.lost + 1 : 0;
    if (this.lost < (present ? this.fewTicks : LOST_TICKS)) return undefined;
    const reason = present ? `${reporting} of ${expected} replicas report` : "nothing is measured";
    return { kind: "telemetry loss", reason };
  }

  private errorStorm({ errors, requests }: Signs): Incident | undefined {
    const share = shareOf(errors, requests);
    const storm =
      errors !== undefined &&
      errors > UNUSUAL * this.usualErrors &&
      (share === undefined ? errors > 1 + UNUSUAL * UNUSUAL * this.usualErrors : share >= STORM);
    this.storming = storm ? this.storming + 1 : 0;
    if (this.storming < STORM_TICKS) return undefined;
    const of = share === undefined ? "" : `, ${formatShort(100 * share)} % of all`;
    return { kind: "error storm", reason: `${formatShort(errors ?? 0)} failed requests a second${of}` };
  }

  private collapse({ looks, errors, requests }: Signs): Incident | undefined {
    const series = TRAFFIC.find((name) => SERIES.includes(name) && looks.get(name)?.residual !== undefined);
    const look = series && looks.get(series);
    const residual = look?.residual;
    if (residual === undefined) return undefined;
    // In the incident itself the detector is not asked again: what is quarantined is not compared.
    const unusual = Number.isNaN(look?.ratio) ? this.current?.kind === "traffic collapse" : (look?.ratio ?? 0) > 1;
    const { value, expected, score } = residual;
    if (!(unusual && value <= COLLAPSED.share * expected && score <= -COLLAPSED.score)) return undefined;
    // What comes down from a burst was not expected before the burst.
    if (value > COLLAPSED.share * (look?.earlier ?? Number.NaN)) return undefined;
    const share = shareOf(errors, requests);
    const failing =
      errors === undefined || (errors > UNUSUAL * this.usualErrors && (share === undefined || share >= FAILING));
    if (!failing) return undefined;
    const how = errors === undefined ? "errors are not measured" : `${formatShort(errors)} failed requests a second`;
    return {
      kind: "traffic collapse",
      reason: `${series} ${formatShort(value)}, expected ${formatShort(expected)}; ${how}`,
    };
  }

  snapshot(): unknown {
    const { current, lasted, without, lost, storming, usualErrors, measured, given } = this;
    return { current, lasted, without, lost, storming, usualErrors, measured, given };
  }

  restore(state: unknown): void {
    Object.assign(this, state);
  }
}

function shareOf(errors: number | undefined, requests: number | undefined): number | undefined {
  if (errors === undefined || requests === undefined || !(requests > 0)) return undefined;
  return Math.min(1, errors / Math.max(requests, errors));
}
