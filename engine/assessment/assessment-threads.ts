import { Worker } from "node:worker_threads";
import { siblingModule } from "../../model/sibling.ts";
import type { Assessment, AssessOptions } from "./assess.ts";
import type { RecordedWorkload } from "./recorded-workload.ts";

/** What all workloads of a report are judged with. */
export type AssessSettings = Omit<AssessOptions, "forecaster">;

export interface AssessRequest {
  readonly id: number;
  readonly workload: RecordedWorkload;
  readonly settings: AssessSettings;
}

export type AssessAnswer = { readonly id: number } & ({ readonly assessment: Assessment } | { readonly error: string });

/** Workloads that wait for a thread at most: while they are judged the next are read. */
const MOST_WAITING = 48;

/**
 * Judges workloads on threads of their own while more of them come.
 *
 * @param threads at least 1
 * @returns assessments in the order in which they are ready
 * @throws Error where one cannot be judged, or where the workloads cannot be had
 */
export async function* assessOnThreads(
  workloads: AsyncIterable<RecordedWorkload>,
  settings: AssessSettings,
  threads: number,
): AsyncGenerator<Assessment> {
  const module = siblingModule(import.meta.url, "./assessment.worker");
  const pool = Array.from({ length: threads }, () => ({ worker: new Worker(module), open: 0 }));
  const waiting = new Map<number, { settle: (answer: AssessAnswer) => void; thread: (typeof pool)[number] }>();
  const open = new Map<number, Promise<Assessment>>();
  for (const thread of pool) {
    thread.worker.on("message", (answer: AssessAnswer) => waiting.get(answer.id)?.settle(answer));
    thread.worker.on("error", ({ message: error }) => {
      for (const [id, one] of waiting) if (one.thread === thread) one.settle({ id, error });
    });
  }
  const judge = (id: number, workload: RecordedWorkload): Promise<Assessment> => {
    const thread = pool.reduce((least, one) => (one.open < least.open ? one : least));
    thread.open++;
    const result = new Promise<Assessment>((resolve, reject) => {
      const settle = (answer: AssessAnswer) => {
        thread.open--;
        waiting.delete(id);
        if ("assessment" in answer) resolve(answer.assessment);
        else reject(new Error(answer.error));
      };
      waiting.set(id, { settle, thread });
    });
    // One that fails while others are awaited is told when its turn comes.
    result.catch(() => {});
    thread.worker.postMessage({ id, workload, settings } satisfies AssessRequest);
    return result;
  };
  const next = async () => {
    const [id, assessment] = await Promise.race([...open].map(async ([id, one]) => [id, await one] as const));
    open.delete(id);
    return assessment;
  };
  try {
    let id = 0;
    for await (const workload of workloads) {
      if (open.size >= MOST_WAITING) yield await next();
      open.set(++id, judge(id, workload));
    }
    while (open.size > 0) yield await next();
  } finally {
    await Promise.all(pool.map(({ worker }) => worker.terminate()));
  }
}
