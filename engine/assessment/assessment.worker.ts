import { parentPort } from "node:worker_threads";
import { createForecaster } from "../forecast/forecaster.ts";
import { assess } from "./assess.ts";
import type { AssessAnswer, AssessRequest } from "./assessment-threads.ts";

/** Judges workloads, one after the other. */
const port = parentPort!;
port.on("message", ({ id, workload, settings }: AssessRequest) => {
  const answer = (told: AssessAnswer) => port.postMessage(told);
  try {
    answer({ id, assessment: assess(workload, { ...settings, forecaster: createForecaster }) });
  } catch (error) {
    answer({ id, error: `${workload.name}: ${(error as Error).message}` });
  }
});
