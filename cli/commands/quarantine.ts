import type { Command } from "commander";
import type { Quarantine } from "../../engine/feedback/quarantine.ts";
import { formatInstant } from "../../model/instant.ts";
import { contextOf, person, withEngine } from "../context.ts";
import { instantArgument } from "../instant-argument.ts";
import { table } from "../output.ts";

const AFTER =
  "\n\nNothing is learnt from a span in quarantine, and nothing is released while it lasts. Times are epoch seconds or ISO 8601 in UTC.";

export default function define(program: Command): Command {
  const quarantine = program.command("quarantine");
  quarantine
    .command("list")
    .argument("[workload]", "only of this workload")
    .summary("list them, the newest first")
    .description("Lists the spans of time that nothing is learnt from, the newest first.")
    .addHelpText("after", `\nExample:\n  foreshadow quarantine list web${AFTER}`)
    .action(async (workload: string | undefined, _options: unknown, command: Command) => {
      const context = contextOf(command);
      await withEngine(context, async (engine) => {
        const all = await engine.quarantines(workload);
        context.output.result(all, () => (all.length === 0 ? ["none"] : lines(all)));
      });
    });
  quarantine
    .command("add")
    .argument("<workload>", "workload")
    .requiredOption("--from <instant>", "when it began")
    .option("--to <instant>", "when it was over; without it, it lasts until it is undone")
    .option("--reason <text>", "why, for the record", "marked by a person")
    .summary("keep a span of time out of what is learnt")
    .description("Keeps a span of time out of what is learnt: an incident, a load test, a wrong measurement.")
    .addHelpText(
      "after",
      `\nExample:\n  foreshadow quarantine add web --from 2026-11-24T08:00Z --to 2026-11-24T09:30Z --reason 'load test'${AFTER}`,
    )
    .action(async (workload: string, options: { from: string; to?: string; reason: string }, command: Command) => {
      const context = contextOf(command);
      const from = instantArgument("--from", options.from);
      const to = options.to === undefined ? undefined : instantArgument("--to", options.to);
      const mark = { workload, from, ...(to === undefined ? {} : { to }), reason: options.reason, by: person() };
      await withEngine(context, async (engine) => {
        const added = await engine.quarantine(mark);
        context.output.result(added, () => lines([added]));
      });
    });
  quarantine
    .command("undo")
    .argument("<id>", "as `foreshadow quarantine list` shows it")
    .summary("take one back: what was measured is learnt after all")
    .description("Takes a quarantine back: the forecasts are learnt again from the past, that span included.")
    .addHelpText("after", "\nExample:\n  foreshadow quarantine undo q-web-1795500000")
    .action(async (id: string, _options: unknown, command: Command) => {
      const context = contextOf(command);
      await withEngine(context, async (engine) => {
        const undone = await engine.undoQuarantine(id, person());
        context.output.result(undone, () => lines([undone]));
      });
    });
  return quarantine;
}

function lines(all: readonly Quarantine[]): string[] {
  return table(
    all.map(({ id, workload, kind, from, to, reason, by, undone }) => [
      id,
      workload,
      kind,
      `${formatInstant(from)} to ${to === undefined ? "now" : formatInstant(to)}`,
      `${reason} (${by})${undone === undefined ? "" : `; undone by ${undone.by}`}`,
    ]),
  );
}
