import { parentPort } from "node:worker_threads";
import { createArimaFitter } from "../arima-fitter.ts";
import { createForecaster } from "../forecaster.ts";
import { createProphetFitter } from "../prophet/prophet-fitter.ts";
import { EnsembleThread } from "./ensemble-thread.ts";

/** The thread that runs the ensembles. Models whose fits take long are fitted on threads of their own, where the tier asks for them. */
const port = parentPort!;
const fitters = { arima: createArimaFitter(), prophet: createProphetFitter() };
const thread = new EnsembleThread(
  (options, parts) => createForecaster(options, options.tier === "accurate" ? { ...fitters, ...parts } : parts),
  (answer) => port.postMessage(answer),
);
port.on("message", (request) => thread.handle(request));
