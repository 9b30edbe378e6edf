import type { Frame, Profile, StackSample } from "./profile.ts";

/** `name (file:line)`; the name may hold anything. */
const FRAME = /^(.*) \(([^()]*):(\d+)\)$/;

/**
 * A profile from collapsed stacks, one a line: frames from the outermost to the innermost with semicolons between, a space, and how often
 * it was found.
 *
 * @param period seconds between two samples
 */
export function collapsedProfile(
  text: string,
  { at, seconds, period }: Pick<Profile, "at" | "seconds"> & { readonly period: number },
): Profile {
  const frames = new Map<string, Frame>();
  const samples: StackSample[] = [];
  for (const line of text.split("\n")) {
    const space = line.lastIndexOf(" ");
    const count = Number(line.slice(space + 1));
    if (space <= 0 || !(count > 0)) continue;
    const stack = line.slice(0, space).split(";").reverse();
    samples.push({ stack: stack.map((name) => frameOf(name, frames)), nanoseconds: count * period * 1e9 });
  }
  return { at, seconds, samples };
}

function frameOf(text: string, known: Map<string, Frame>): Frame {
  let frame = known.get(text);
  if (frame === undefined) {
    const [, name = text, file = "", line = 0] = FRAME.exec(text) ?? [];
    frame = { name, file, line: Number(line) };
    known.set(text, frame);
  }
  return frame;
}
