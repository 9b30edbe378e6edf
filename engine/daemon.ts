import cron from "node-cron";
import { readSecret } from "../model/connection/secret.ts";
import { type OpenOptions, openEngine } from "./open-engine.ts";
import { openIntake } from "./open-intake.ts";
import type { ProjectFiles } from "./project-files.ts";
import { listenForWebhooks } from "./review/webhook-listener.ts";
import { serveApi } from "./serve-api.ts";

/** Milliseconds after the end of a tick until its last samples have arrived: agents send what they sampled at once. */
const ARRIVAL = 400;
/** Milliseconds between two looks at changesets that wait: for a merge, for a lock, for something that was out of reach. */
const POLL = 15_000;

export interface DaemonOptions extends OpenOptions {
  /** Stop gracefully: nothing new is begun, what is under way is ended. */
  readonly signal: AbortSignal;
  /** Called once everything listens. */
  readonly ready?: (places: { readonly socket: string; readonly url?: string; readonly intake: number }) => void;
}

/**
 * Runs the engine of a project until the signal: ticks on its schedule, takes usage by OTLP/HTTP, serves the API on its socket.
 *
 * @throws Error when a port or the store is taken
 */
export async function runDaemon(files: ProjectFiles, options: DaemonOptions): Promise<void> {
  const { project } = files;
  const opened = await openEngine(files, options);
  const { engine, usage, signals } = opened;
  const closing: (() => Promise<unknown>)[] = [() => opened.close()];
  try {
    const intake = await openIntake({
      files,
      sink: { accept: (vectors) => usage.append(signals.take(vectors)) },
      metrics: () => engine.metrics(),
      say: options.say,
      env: options.env ?? process.env,
    });
    closing.unshift(() => intake.close());
    const api = await serveApi(engine, files, options.say);
    closing.unshift(() => api.close());
    const guarded = (what: string, work: () => Promise<unknown>) =>
      work().catch((error: unknown) => engine.followers.alert(`${what}: ${(error as Error).message}`));
    const tick = single(() =>
      guarded("tick", async () => {
        if (await engine.loop.tick()) opened.tend();
      }),
    );
    const recover = single(() => guarded("recovery", () => opened.recover()));
    closing.unshift(async () => {
      // What they still record belongs before the ledger's last anchor.
      await Promise.all([tick.ended(), recover.ended()]);
    });
    const task = cron.schedule(project.schedule, () => void setTimeout(tick.call, ARRIVAL), {
      noOverlap: true,
      timezone: "UTC",
    });
    closing.unshift(async () => task.destroy());
    const poll = setInterval(() => {
      if (!engine.loop.busy) void recover.call();
    }, POLL);
    closing.unshift(async () => clearInterval(poll));
    const { look } = opened;
    const { github } = project.review;
    if (look !== undefined && github !== undefined) {
      const looks = setInterval(() => void look(), github.poll * 1000);
      closing.unshift(async () => clearInterval(looks));
      if (github.webhook !== undefined) {
        const { listen, secret } = github.webhook;
        const listener = await listenForWebhooks({
          listen,
          secret: () => readSecret(secret, "review.github.webhook.secret", files.root, options.env ?? process.env),
          changed: () => void look(),
        });
        closing.unshift(() => listener.close());
      }
      void look();
    }
    void recover.call();
    void tick.call();
    options.ready?.({ socket: api.socket, url: api.url, intake: intake.port });
    await aborted(options.signal);
  } finally {
    for (const close of closing) await close().catch((error: unknown) => options.say((error as Error).message));
  }
}

/** A call while one is under way joins it; `ended` when none is. */
function single(work: () => Promise<unknown>) {
  let running: Promise<unknown> | undefined;
  return {
    call: () => {
      running ??= work().finally(() => {
        running = undefined;
      });
      return running;
    },
    ended: async () => {
      await running;
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
