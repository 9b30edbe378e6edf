import type { LoadedSpan } from "../api/engine-control.port.ts";
import type { ControlStore } from "../orchestrator/change/control-store.port.ts";

/** Spans of one workload that are told of. */
const MOST_SPANS = 50;

interface Noted extends LoadedSpan {
  /** The kept state of the forecasts does not have it yet. */
  readonly unlearnt?: true;
}

/** What was loaded of a workload's past, oldest load first. */
export async function loadedSpans(control: Pick<ControlStore, "value">, workload: string): Promise<LoadedSpan[]> {
  return (await noted(control, workload)).map(({ unlearnt: _, ...span }) => span);
}

/** Whether a past was loaded that the kept state of the forecasts does not have: an engine ended before that. */
export async function hasUnlearnt(control: Pick<ControlStore, "value">, workload: string): Promise<boolean> {
  return (await noted(control, workload)).some(({ unlearnt }) => unlearnt === true);
}

async function noted(control: Pick<ControlStore, "value">, workload: string): Promise<Noted[]> {
  const text = await control.value(keyOf(workload));
  return text === undefined ? [] : (JSON.parse(text) as Noted[]);
}

/** Notes that a span was loaded, and is to be learnt; what it replaces is forgotten. */
export async function noteLoadedSpan(
  control: Pick<ControlStore, "value" | "setValue">,
  workload: string,
  span: LoadedSpan,
): Promise<void> {
  const others = (await noted(control, workload)).filter(
    ({ origin, from, to }) => origin !== span.origin || from < span.from || to > span.to,
  );
  await control.setValue(keyOf(workload), JSON.stringify([...others, { ...span, unlearnt: true }].slice(-MOST_SPANS)));
}

/** Notes that the kept state of the forecasts has all that was loaded. */
export async function noteLearnt(control: Pick<ControlStore, "value" | "setValue">, workload: string): Promise<void> {
  await control.setValue(keyOf(workload), JSON.stringify(await loadedSpans(control, workload)));
}

function keyOf(workload: string): string {
  return `loaded/${workload}`;
}
