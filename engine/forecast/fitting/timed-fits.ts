import type { Fitter } from "./fitter.port.ts";

/** Times fits and lets a backtest wait for them, so that what it finds does not depend on how fast the machine is. */
export class TimedFits {
  /** Fits that have ended, and the milliseconds that they took, on this thread and on others. */
  count = 0;
  milliseconds = 0;
  /** Of these, what was spent on this thread. */
  onThread = 0;
  private readonly clock: () => number;
  private readonly pending = new Set<Promise<void>>();

  /** @param clock milliseconds */
  constructor(clock: () => number) {
    this.clock = clock;
  }

  /** Counts a fit that was made elsewhere. */
  add(milliseconds: number): void {
    this.count++;
    this.milliseconds += milliseconds;
  }

  /** For `ModelParts`: runs a fit of this thread. One that only asks a fitter counts when the fitter has answered. */
  readonly runFit = (fit: () => void): void => {
    const before = this.pending.size;
    const began = this.clock();
    fit();
    if (this.pending.size !== before) return;
    const took = this.clock() - began;
    this.add(took);
    this.onThread += took;
  };

  /** A fitter whose fits are timed from when they are asked for; nothing else may wait in its queue. */
  timed<Request, Parameters>(fitter: Fitter<Request, Parameters>): Fitter<Request, Parameters> {
    return {
      fit: (request) => {
        const began = this.clock();
        const result = fitter.fit(request);
        const done: Promise<void> = result
          .then(
            () => {},
            () => {},
          )
          .then(() => {
            this.add(this.clock() - began);
            this.pending.delete(done);
          });
        this.pending.add(done);
        return result;
      },
      close: () => fitter.close(),
    };
  }

  /** Resolves when no fit is under way; undefined where none is. */
  settled(): Promise<unknown> | undefined {
    return this.pending.size > 0 ? Promise.all(this.pending) : undefined;
  }
}
