import { Conformal } from "./conformal.ts";
import { decodeInto, encode } from "./doubles.ts";
import { Ensemble } from "./ensemble.ts";
import type { Forecast, ForecasterOptions, ForecasterSnapshot, SeriesForecaster } from "./forecast.port.ts";
import { History } from "./history.ts";
import type { Model } from "./model.port.ts";
import { type ModelParts, makeModels, type Shared } from "./models.ts";
import { checkOptions } from "./options.ts";
import { Pending } from "./pending.ts";
import { SkillGate } from "./skill-gate.ts";

const VERSION = 4;
/** No forecast says more than so many times the greatest value of the last fourteen seasons. */
const MOST_GROWTH = 4;

/** Makes the forecaster of one series. Throws a `RangeError` that names the option where one is out of bounds. */
export function createForecaster(options: ForecasterOptions, parts: ModelParts = {}): SeriesForecaster {
  checkOptions(options);
  return new EnsembleForecaster(options, parts);
}

/**
 * History → models → ensemble → conformal quantiles → gate, once a tick. Whatever is issued is kept until its target
 * comes, so that weights, quantiles and evidence rest on forecasts that were really made.
 */
class EnsembleForecaster implements SeriesForecaster {
  private readonly options: ForecasterOptions;
  private readonly season: number;
  private readonly history: History;
  private readonly models: readonly Model[];
  private readonly shared: readonly Shared[];
  /** The models of the tier that could not be made, with the reason. */
  private readonly left: readonly string[];
  private readonly runFit: (fit: () => void) => void;
  private readonly ensemble: Ensemble;
  private readonly conformal: readonly Conformal[];
  private readonly issuedPoint: Pending;
  private readonly issuedScale: Pending;
  private readonly gate: SkillGate;
  private readonly outputs: readonly Float64Array[];
  private readonly point: Float64Array;
  private readonly scales: Float64Array;
  private readonly values: readonly Float64Array[];
  /** Mean of the values, forgetting over a season. */
  private level = 0;

  constructor(options: ForecasterOptions, parts: ModelParts) {
    const { horizons, levels } = options;
    this.options = options;
    this.season = Math.round(options.season / options.step);
    this.history = new History(this.season, horizons[horizons.length - 1]);
    const { models, shared, left } = makeModels(options, this.history, parts);
    this.models = models;
    this.shared = shared;
    this.left = left;
    this.runFit = parts.runFit ?? ((fit) => fit());
    this.ensemble = new Ensemble(horizons, this.models.length, this.season / 4);
    this.conformal = horizons.map((h) => new Conformal(this.season, h));
    this.issuedPoint = new Pending(horizons);
    this.issuedScale = new Pending(horizons);
    this.gate = new SkillGate(this.history, decisive(options, this.season), levels, options.decisiveLevels);
    this.outputs = this.models.map(() => new Float64Array(horizons.length));
    this.point = new Float64Array(horizons.length);
    this.scales = new Float64Array(horizons.length);
    this.values = levels.map(() => new Float64Array(horizons.length));
  }

  get ticks(): number {
    return this.history.ticks;
  }

  update(raw: number): void {
    const value = this.history.admit(raw);
    const tick = this.history.ticks;
    this.history.push(value);
    this.score(tick, value);
    for (let m = 0; m < this.models.length; m++) {
      const model = this.models[m];
      model.update(value);
      if (model.cost.fitEvery > 0 && (tick + 1) % model.cost.fitEvery === 0) this.runFit(() => model.fit());
      model.forecast(this.outputs[m]);
    }
    this.issue(tick);
  }

  reweigh(): void {
    this.ensemble.reweigh(this.history.ticks);
  }

  private score(tick: number, value: number): void {
    if (!Number.isNaN(value)) this.level += (value - this.level) / Math.min(this.history.measured, this.season);
    this.ensemble.score(tick, value);
    for (let k = 0; k < this.conformal.length; k++)
      this.conformal[k].update(value - this.issuedPoint.due(k, tick), this.issuedScale.due(k, tick));
    this.gate.score(tick, value);
  }

  private issue(tick: number): void {
    const { levels } = this.options;
    this.ensemble.combine(tick, this.outputs, this.point);
    const floor = 0.02 * this.level + 1e-12;
    const most = MOST_GROWTH * this.history.greatest();
    for (let k = 0; k < this.conformal.length; k++) {
      const conformal = this.conformal[k];
      const said = Number.isFinite(this.point[k]) ? this.point[k] : this.history.at(tick);
      const centre = said < most ? said : most;
      const scale = conformal.scale(floor);
      this.point[k] = centre;
      this.scales[k] = scale;
      this.issuedPoint.put(k, tick, centre);
      this.issuedScale.put(k, tick, scale);
      for (let l = 0; l < levels.length; l++) {
        const quantile = centre + scale * conformal.quantile(levels[l]);
        this.values[l][k] = quantile > 0 ? (quantile < most ? quantile : most) : 0;
      }
    }
    this.gate.issue(tick, this.values);
  }

  forecast(): Forecast {
    const { series, step, levels, horizons, startsAt } = this.options;
    return {
      series,
      issuedAt: startsAt + this.history.ticks * step,
      step,
      levels,
      horizons,
      values: this.values.map((row) => row.slice()),
      point: this.point.slice(),
      model: this.speaker(),
      fallbackFrom: this.fallbackFrom(),
      evidence: this.gate.evidence((ended) => startsAt + ended * step),
    };
  }

  private speaker(): string {
    const names = this.models.filter((_, m) => Number.isFinite(this.outputs[m][0])).map((model) => model.name);
    return names.length > 1 ? `ensemble(${names.join(", ")})` : (names[0] ?? "last value");
  }

  private fallbackFrom(): string | undefined {
    const reasons = [...this.left, ...this.models.flatMap((model) => model.failure ?? [])];
    return reasons.length > 0 ? reasons.join("; ") : undefined;
  }

  snapshot(): ForecasterSnapshot {
    return {
      format: "foreshadow.forecaster",
      version: VERSION,
      options: this.options,
      state: {
        level: this.level,
        history: this.history.snapshot(),
        models: this.models.map((model) => model.snapshot()),
        shared: this.shared.map((part) => part.snapshot()),
        ensemble: this.ensemble.snapshot(),
        conformal: this.conformal.map((c) => c.snapshot()),
        issuedPoint: this.issuedPoint.snapshot(),
        issuedScale: this.issuedScale.snapshot(),
        gate: this.gate.snapshot(),
        outputs: this.outputs.map(encode),
        point: encode(this.point),
        values: this.values.map(encode),
      },
    };
  }

  restore(snapshot: ForecasterSnapshot): void {
    if (snapshot.format !== "foreshadow.forecaster" || snapshot.version !== VERSION)
      throw new RangeError(
        `expected a forecaster's state of version ${VERSION}, found ${snapshot.format} ${snapshot.version}`,
      );
    if (JSON.stringify(snapshot.options) !== JSON.stringify(this.options))
      throw new RangeError(
        "the forecaster's state was made by other options: make a new forecaster and give it the history",
      );
    // biome-ignore lint/suspicious/noExplicitAny: each part checks its own state
    const s = snapshot.state as any;
    this.level = s.level;
    this.history.restore(s.history);
    this.models.forEach((model, m) => {
      model.restore(s.models[m]);
    });
    this.shared.forEach((part, i) => {
      part.restore(s.shared[i]);
    });
    this.ensemble.restore(s.ensemble);
    this.conformal.forEach((c, k) => {
      c.restore(s.conformal[k]);
    });
    this.issuedPoint.restore(s.issuedPoint);
    this.issuedScale.restore(s.issuedScale);
    this.gate.restore(s.gate);
    this.outputs.forEach((array, m) => {
      decodeInto(array, s.outputs[m]);
    });
    decodeInto(this.point, s.point);
    this.values.forEach((array, l) => {
      decodeInto(array, s.values[l]);
    });
  }
}

/** The horizons that evidence is taken over: those within `decisiveWithin` ticks, an eighth of the season if not given, or the first. */
function decisive(options: ForecasterOptions, season: number): number[] {
  const within = Math.min(options.decisiveWithin ?? season / 8, season - 1);
  const chosen = options.horizons.filter((h) => h <= within);
  return chosen.length > 0 ? chosen : [options.horizons[0]];
}
