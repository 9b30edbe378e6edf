import { siblingModule } from "../../../model/sibling.ts";
import { createWorkerFitter } from "../fitting/worker-fitter.ts";
import type { ProphetParameters } from "./prophet-fit.ts";
import type { ProphetFitter, ProphetRequest } from "./prophet-fitter.port.ts";

/** Ten thousand values of forty columns: some milliseconds, a tenth of a second for the first series of a grid. */
const MOST_VALUES = 20_000;

/** Fits curves in a worker thread, series by series in the order of asking, so that those on one grid share its design. */
export function createProphetFitter({ budget = 30_000 }: { readonly budget?: number } = {}): ProphetFitter {
  return createWorkerFitter<ProphetRequest, ProphetParameters, ProphetParameters>({
    name: "prophet",
    module: siblingModule(import.meta.url, "./prophet.worker"),
    budget,
    refuse: ({ values }) =>
      values.length > MOST_VALUES ? `expected at most ${MOST_VALUES} values, found ${values.length}` : undefined,
    accept: (_, parameters) => parameters,
  });
}
