import { styleText } from "node:util";
import type { ChangesetState } from "../model/changeset.ts";

/** What a text is to its reader. */
export type Tone = "good" | "warning" | "bad" | "heading" | "before" | "after";

const STYLES = {
  good: "green",
  warning: "yellow",
  bad: "red",
  heading: "bold",
  before: "red",
  after: "green",
} as const;

/**
 * A text in a colour where standard output, or another stream, is a terminal that has colours and nobody has asked for none (`NO_COLOR`, as
 * https://no-color.org has it; `FORCE_COLOR` asks for them in a pipe).
 */
export function paint(tone: Tone, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(STYLES[tone], text, { stream });
}

const TONES: Partial<Record<ChangesetState, Tone>> = {
  done: "good",
  "awaiting-approval": "warning",
  applying: "warning",
  verifying: "warning",
  interrupted: "bad",
  partial: "bad",
  diverged: "bad",
  failed: "bad",
  refused: "bad",
  blocked: "bad",
};

/** The state of a changeset, by what it asks of whoever reads it. */
export function paintState(state: ChangesetState): string {
  const tone = TONES[state];
  return tone === undefined ? state : paint(tone, state);
}
