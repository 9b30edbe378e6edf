import { parentPort } from "node:worker_threads";
import { createArimaFitter } from "../arima-fitter.ts";
import { createForecaster } from "../forecaster.ts";
import { createProphetFitter } from "../prophet/prophet-fitter.ts";
import { EnsembleThread } from "./ensemble-thread.ts";

/** An order takes a second to choose, for each series once in some days, one series after the other: a tenth of a processor is enough. */
const REST = 9;

/** The thread that runs the ensembles. Models whose fits take long are fitted on threads of their own, where the tier asks for them. */
const port = parentPort!;
const arima = createArimaFitter({ rest: REST });
const prophet = createProphetFitter();
const thread = new EnsembleThread(
  (options, parts) => createForecaster(options, { arima, prophet, ...parts }),
  (answer) => port.postMessage(answer),
);
port.on("message", (request) => thread.handle(request));
