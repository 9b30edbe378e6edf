import { parentPort } from "node:worker_threads";
import { parseSummary } from "./arima-summary.ts";

/**
 * Runs the `arima` package apart from everything else. It prints its coefficients instead of returning them, so what it prints
 * is read; it may throw and then stay broken, or return an exploded fit, so the parent checks and ends this thread now and then.
 */
const printed: string[] = [];
console.log = (...parts: unknown[]) => {
  printed.push(parts.join(" "));
};
console.warn = console.log;
console.error = console.log;

// After the console was replaced: the package keeps hold of the one it finds when it is loaded.
const { default: Arima } = await import("arima");

parentPort!.on("message", ({ series, ahead }: { series: number[]; ahead: number }) => {
  printed.length = 0;
  let model: InstanceType<typeof Arima> | undefined;
  try {
    model = new Arima({ auto: true, p: 3, d: 1, q: 3, P: 0, D: 0, Q: 0, s: 0, verbose: true });
    model.fit(series);
    const [forecast] = model.predict(ahead);
    parentPort!.postMessage({ coefficients: parseSummary(printed.join("\n")), forecast });
  } catch (error) {
    parentPort!.postMessage({ error: error instanceof Error ? error.message : String(error) });
  } finally {
    model?.destroy();
  }
});
