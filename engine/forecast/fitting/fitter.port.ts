/** Estimates parameters away from the thread that forecasts, one series after the other. */
export interface Fitter<Request, Parameters> {
  /**
   * @param request asked for when its turn has come, so that what waits holds no data and the fit sees the newest
   * @returns rejects with an `Error` that says why there is no fit that can be used, a missed time budget among the reasons
   */
  fit(request: () => Request): Promise<Parameters>;
  close(): Promise<void>;
}
