import type { Fitter } from "./fitter.port.ts";

/**
 * A fit that is made elsewhere: asked for one at a time, and taken over by the model at the first tick after it has arrived. When that is
 * depends on how fast the fitter was, so that two runs need not agree to the byte.
 */
export class PendingFit<Request, Parameters> {
  private readonly fitter: Fitter<Request, Parameters>;
  private arrived: Parameters | undefined;
  private waiting = false;
  /** Why there are no parameters at present, or why the last attempt at newer ones failed. */
  failure: string | undefined;

  /** @param model whose fit it is, as a failure names it */
  constructor(model: string, fitter: Fitter<Request, Parameters>) {
    this.fitter = fitter;
    this.failure = `${model}: not fitted yet`;
  }

  /** Asks for a fit, unless one is being waited for. */
  ask(request: () => Request): void {
    if (this.waiting) return;
    this.waiting = true;
    this.fitter.fit(request).then(
      (parameters) => {
        this.arrived = parameters;
        this.waiting = false;
      },
      (error: Error) => {
        this.failure = error.message;
        this.waiting = false;
      },
    );
  }

  /** What has arrived since the last time it was asked. */
  take(): Parameters | undefined {
    const { arrived } = this;
    if (arrived === undefined) return undefined;
    this.arrived = undefined;
    this.failure = undefined;
    return arrived;
  }
}
