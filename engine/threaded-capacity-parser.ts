import { type CapacityFile, parseCapacity } from "../model/capacity.ts";
import { InputError, type InputProblem } from "../model/input-error.ts";
import { siblingModule } from "../model/sibling.ts";
import { type Thread, workerThread } from "./forecast/hosting/thread.ts";
import type { CapacityParser } from "./loop/desired-capacity.ts";

/** Characters beyond which a file is read on another thread: it takes some milliseconds from there on. */
const SMALL = 4096;

export interface ParseRequest {
  readonly id: number;
  readonly text: string;
  readonly file: string;
}

export type ParseAnswer = { readonly id: number } & (
  | { readonly capacities: CapacityFile }
  | { readonly problems: readonly InputProblem[] }
  | { readonly error: string }
);

interface Waiting {
  readonly request: ParseRequest;
  readonly resolve: (capacities: CapacityFile) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Reads capacity files on a thread of its own, which is started for the first that is not small: one of hundreds of workloads would hold up the
 * engine's ticks for tens of milliseconds. What a thread that has died leaves is read on the calling one.
 *
 * @param start starts the thread
 */
export function threadedCapacityParser(
  start: () => Thread<ParseRequest, ParseAnswer> = () =>
    workerThread(siblingModule(import.meta.url, "./capacity-parser.worker")),
): { readonly parse: CapacityParser; end(): Promise<void> } {
  let thread: Thread<ParseRequest, ParseAnswer> | undefined;
  let last = 0;
  const waiting = new Map<number, Waiting>();

  function settle({ request, resolve, reject }: Waiting, answer: ParseAnswer): void {
    if ("capacities" in answer) resolve(answer.capacities);
    else if ("problems" in answer) reject(new InputError(request.file, answer.problems));
    else reject(new Error(`${request.file}: ${answer.error}`));
  }

  function begin(): Thread<ParseRequest, ParseAnswer> {
    const begun = start();
    begun.onAnswer((answer) => {
      const asked = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (asked !== undefined) settle(asked, answer);
    });
    begun.onEnded(() => {
      thread = undefined;
      const left = [...waiting.values()];
      waiting.clear();
      for (const one of left) settle(one, answerTo(one.request));
    });
    return begun;
  }

  return {
    parse: async (text, file) => {
      if (text.length <= SMALL) return parseCapacity(text, file);
      thread ??= begin();
      const request = { id: ++last, text, file };
      return new Promise((resolve, reject) => {
        waiting.set(request.id, { request, resolve, reject });
        thread?.post(request);
      });
    },
    end: async () => {
      await thread?.end();
    },
  };
}

/** What the text says, or what is wrong with it, in a form that goes from thread to thread. */
export function answerTo({ id, text, file }: ParseRequest): ParseAnswer {
  try {
    return { id, capacities: parseCapacity(text, file) };
  } catch (error) {
    return error instanceof InputError ? { id, problems: error.problems } : { id, error: String(error) };
  }
}
