import type { Frame, Profile, StackSample } from "./profile.ts";

/** What the inspector's `Profiler.stop` gives (https://chromedevtools.github.io/devtools-protocol/v8/Profiler/#type-Profile). */
export interface V8Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  /** Microseconds. */
  readonly startTime: number;
  readonly endTime: number;
  /** Node by sample, and microseconds since the sample before. */
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
}

/** Not on a CPU. */
const IDLE = "(idle)";
const ROOT = "(root)";

/**
 * A profile of V8's: of the time that the sampler found the thread at work, the time at each stack.
 *
 * @param at epoch seconds at which it began
 */
export function nodeProfile(
  { nodes, startTime, endTime, samples = [], timeDeltas = [] }: V8Profile,
  at: number,
): Profile {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const frames = new Map<string, Frame>();
  const time = new Map<number, number>();
  for (const [i, id] of samples.entries()) time.set(id, (time.get(id) ?? 0) + Math.max(0, timeDeltas[i] ?? 0));
  const stacks: StackSample[] = [];
  for (const [leaf, microseconds] of time) {
    const stack: Frame[] = [];
    // A damaged profile may go in circles.
    for (let id: number | undefined = leaf; id !== undefined && stack.length < nodes.length; id = parents.get(id)) {
      const callFrame = byId.get(id)?.callFrame;
      if (callFrame !== undefined && callFrame.functionName !== ROOT) stack.push(frameOf(callFrame, frames));
    }
    if (stack.length > 0 && stack[0].name !== IDLE && microseconds > 0)
      stacks.push({ stack, nanoseconds: microseconds * 1000 });
  }
  return { at, seconds: Math.max(0, endTime - startTime) / 1e6, samples: stacks };
}

function frameOf(
  { functionName, url, lineNumber }: V8Profile["nodes"][number]["callFrame"],
  known: Map<string, Frame>,
): Frame {
  const key = `${functionName}\n${url}\n${lineNumber}`;
  let frame = known.get(key);
  if (frame === undefined) {
    frame = { name: functionName || "(anonymous)", file: url, line: lineNumber + 1 };
    known.set(key, frame);
  }
  return frame;
}
