import { parentPort } from "node:worker_threads";
import { createForecaster } from "../forecaster.ts";
import { EnsembleThread } from "./ensemble-thread.ts";

/** A thread of ensembles whose model takes two seconds for a value above a million, as a model does that has gone astray. */
const port = parentPort!;
const never = new Int32Array(new SharedArrayBuffer(4));
const thread = new EnsembleThread(
  (options, parts) => {
    const forecaster = createForecaster(options, parts);
    const { update } = forecaster;
    forecaster.update = (value: number) => {
      if (value > 1e6) Atomics.wait(never, 0, 0, 2_000);
      update.call(forecaster, value);
    };
    return forecaster;
  },
  (answer) => port.postMessage(answer),
);
port.on("message", (request) => thread.handle(request));
