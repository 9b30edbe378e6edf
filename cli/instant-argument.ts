import { InputError } from "../model/input-error.ts";
import { parseInstant } from "../model/instant.ts";

/** Epoch seconds of an instant on the command line. @throws InputError */
export function instantArgument(flag: string, text: string): number {
  const at = parseInstant(text);
  if (at !== undefined && Number.isFinite(at)) return at;
  throw new InputError(flag, [
    { path: "", expected: "epoch seconds or an instant such as 2026-11-24T08:00Z", found: text },
  ]);
}
