import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { BackfillView, EngineControl } from "../../engine/api/engine-control.port.ts";
import { formatInstant } from "../../model/instant.ts";
import { contextOf, person, withEngine } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { instantArgument } from "../instant-argument.ts";
import { paced, table } from "../output.ts";

const LOOK_MS = 300;

export default function define(program: Command): Command {
  return program
    .command("backfill")
    .argument("[workloads...]", "workloads; all without one")
    .option("--from <instant>", "where the past begins; 15 seasons ago unless it is said")
    .option("--to <instant>", "where it ends; now unless it is said")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow backfill web --from 2026-11-01T00:00Z\n\nReads what the project's `prometheus` server has recorded, with or without a running engine. What was measured stays as it is, and what was loaded before is replaced. Times are epoch seconds or ISO 8601 in UTC.",
    )
    .action(async (workloads: string[], { from, to }: { from?: string; to?: string }, command: Command) => {
      const context = contextOf(command);
      const request = {
        workloads,
        ...(from !== undefined && { from: instantArgument("--from", from) }),
        ...(to !== undefined && { to: instantArgument("--to", to) }),
        by: person(),
      };
      await withEngine(context, async (engine) => {
        const tell = paced(context.output);
        const done = await ended(engine, await engine.backfill(request), (view) => tell(() => progressOf(view)));
        context.output.result(done, () => lines(done));
        if (done.state === "failed") process.exitCode = EXIT.failed;
      });
    });
}

async function ended(
  engine: EngineControl,
  started: BackfillView,
  watch: (view: BackfillView) => void,
): Promise<BackfillView> {
  for (let view = started; ; ) {
    if (view.state === "done" || view.state === "failed") return view;
    watch(view);
    await sleep(LOOK_MS);
    const found = (await engine.backfills()).find(({ id }) => id === started.id);
    if (found === undefined)
      throw new Error(`${started.id}: the engine was started anew meanwhile; run the command again`);
    view = found;
  }
}

function progressOf({ state, read, workloads }: BackfillView): string {
  return `${state}: ${Math.floor(100 * read)} % read, ${workloads.length} loaded`;
}

function lines({ state, error, origin, from, to, workloads }: BackfillView): string[] {
  const rows = workloads.flatMap(({ workload, ticks, interval, learnt }) => {
    const series = Object.entries(ticks);
    if (series.length === 0) return [[workload, "nothing recorded", "", ""]];
    return series.map(([name, count]) => [
      workload,
      name,
      `${count} ticks${interval === null ? "" : ` of samples every ${Math.round(interval)} s`}`,
      learnt.includes(name as (typeof learnt)[number]) ? "learnt" : "kept",
    ]);
  });
  return [
    `${formatInstant(from)} to ${formatInstant(to)}, from ${origin}`,
    ...table(rows),
    ...(state === "failed" ? [`failed: ${error}`] : []),
  ];
}
