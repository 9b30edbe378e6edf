import type { Frame, Profile } from "./profile.ts";

/** A function's part of what a process did. */
export interface FunctionShare {
  readonly name: string;
  /** Last part of its source's path; empty where there is none. */
  readonly file: string;
  /** Of the CPU time of all stacks, in the function itself: what it calls counts to what is called. */
  readonly share: number;
}

/** Go's own runtime: what it does for a function, such as making room for what the function keeps, counts to that function. */
const GO_RUNTIME = /^(runtime|internal\/runtime)[./]/;
const MOST_NAME = 200;

/** The functions in which CPU time was spent, the greatest share first. */
export function functionShares({ samples }: Profile): FunctionShare[] {
  const times = new Map<string, { name: string; file: string; nanoseconds: number }>();
  let sum = 0;
  for (const { stack, nanoseconds } of samples) {
    const frame = stack.find(({ name }) => !GO_RUNTIME.test(name)) ?? stack[0];
    if (frame === undefined) continue;
    sum += nanoseconds;
    const { name, file } = named(frame);
    const key = `${name}\n${file}`;
    const known = times.get(key);
    if (known === undefined) times.set(key, { name, file, nanoseconds });
    else known.nanoseconds += nanoseconds;
  }
  return [...times.values()]
    .map(({ name, file, nanoseconds }) => ({ name, file, share: nanoseconds / sum }))
    .sort((a, b) => b.share - a.share);
}

/** Functions without names are told apart by their lines. */
function named({ name, file, line }: Frame): { name: string; file: string } {
  const last = file.slice(file.lastIndexOf("/") + 1);
  const own = name === "(anonymous)" && line > 0 ? `(anonymous in line ${line})` : name;
  return { name: own.slice(0, MOST_NAME), file: last.slice(0, MOST_NAME) };
}
