import type { ForecasterOptions, ForecasterSnapshot, SeriesForecaster } from "../forecast.port.ts";
import type { GlobalModel, GlobalModelSource } from "../lstm/global-model.port.ts";
import type { EnsembleAnswer, EnsembleRequest } from "./protocol.ts";

/** Makes the forecaster of a member. */
export type EnsembleFactory = (
  options: ForecasterOptions,
  parts: { readonly globalModel: GlobalModelSource },
) => SeriesForecaster;

/** What the thread of the ensembles does: a forecaster a member, with the models of its tier. They may take as long as they take. */
export class EnsembleThread {
  readonly #answer: (answer: EnsembleAnswer) => void;
  readonly #create: EnsembleFactory;
  readonly #globalModel: { current: GlobalModel | undefined; absence: string } = {
    current: undefined,
    absence: "none was trained yet",
  };
  readonly #members = new Map<number, SeriesForecaster>();

  constructor(create: EnsembleFactory, answer: (answer: EnsembleAnswer) => void) {
    this.#create = create;
    this.#answer = answer;
  }

  handle(request: EnsembleRequest): void {
    switch (request.kind) {
      case "open":
        this.#open(request);
        break;
      case "feed":
        this.#feed(request);
        break;
      case "model": {
        const { current, absence } = request;
        Object.assign(this.#globalModel, { current, absence });
        break;
      }
      case "drop":
        this.#members.delete(request.member);
        break;
      case "reweigh":
        this.#members.get(request.member)?.reweigh();
        break;
      case "save": {
        const states = [...this.#members].map(
          ([member, forecaster]) => [member, JSON.stringify(forecaster.snapshot())] as const,
        );
        this.#answer({ kind: "saved", id: request.id, states });
      }
    }
  }

  #open({ member, options, state }: Extract<EnsembleRequest, { kind: "open" }>): void {
    const forecaster = this.#create(options, { globalModel: this.#globalModel });
    try {
      if (state !== undefined) forecaster.restore(JSON.parse(state) as ForecasterSnapshot);
      this.#members.set(member, forecaster);
    } catch (error) {
      this.#answer({ kind: "refused", member, message: (error as Error).message });
    }
  }

  #feed({ member, values, answer }: Extract<EnsembleRequest, { kind: "feed" }>): void {
    const forecaster = this.#members.get(member);
    if (forecaster === undefined) return;
    for (const value of values) forecaster.update(value);
    if (answer) this.#answer({ kind: "forecast", member, ticks: forecaster.ticks, forecast: forecaster.forecast() });
  }
}
