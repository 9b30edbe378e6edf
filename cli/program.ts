import { Command } from "commander";
import { PACKAGE } from "../engine/package.ts";

/** The commands, each in a file of its own that is loaded only when it is asked for. */
const COMMANDS = [
  ["init", "propose a project from what is there: foreshadow.yaml, constraints, capacity"],
  ["up", "run `pulumi up` on a stack of the project"],
  ["agent", "shadow the workloads of this host and send their usage to the engine"],
  ["run", "run the engine: forecast, decide and change on a schedule"],
  ["status", "show what the engine sees and does"],
  ["forecast", "show history, forecast and its evidence"],
  ["plan", "show the capacity plan in force and the one that would be published now"],
  ["explain", "tell a changeset: why, what, how it went, how it can be taken back"],
  ["diff", "show the commit of a changeset or an envelope that is proposed, and what it would change"],
  ["approve", "approve a changeset or an envelope that waits, or list what waits"],
  ["reject", "reject a changeset or an envelope that waits"],
  ["apply", "carry on now with a changeset that is approved or was merged"],
  ["rollback", "take a changeset back"],
  ["replay", "run forecast and decision over a recorded trace, or recompute a changeset's decision"],
  ["rehearse", "run a recorded day on a simulated cloud, through git and the real Pulumi engine and SDK"],
  ["conformance", "try a cloud's behaviours that are built on, in a sandbox on your account"],
  ["backtest", "measure each forecasting model on a recorded trace"],
  ["ledger", "verify the record of decisions and actions"],
  ["report", "tell what actions came to, or what they would have by a history, beside reactive-only and doing nothing"],
  ["quarantine", "list, add and undo spans of time that nothing is learnt from"],
  ["backfill", "load the past of workloads from a Prometheus-compatible server"],
  ["freeze", "stop scale-in, vertical and forecast-driven changes"],
  ["pin", "hold a workload's replicas inside bounds for a while"],
  ["unfreeze", "end a freeze and a pin"],
  ["web", "make a link that lets a browser in to the web page"],
  ["token", "make, list and revoke tokens of the API"],
  ["backup", "copy the store: ledger, changesets, usage, holds, tokens"],
  ["restore", "put a backup in the place of the store, and verify its ledger"],
  ["doctor", "check this machine and this project"],
  ["completion", "print what lets a shell complete commands and options"],
] as const;

/** The command that arguments ask for; `undefined` where they ask for none. */
export function commandIn(args: readonly string[]): string | undefined {
  return args.find((argument) => COMMANDS.some(([name]) => name === argument));
}

/**
 * The command line.
 *
 * @param loaded of which commands options and action are loaded; of the others only the name is known
 */
export async function createProgram(loaded: (name: string) => boolean): Promise<Command> {
  const program = new Command("foreshadow")
    .description("Predictive scaling whose every action is a Pulumi diff.")
    .version(PACKAGE.version)
    .option("--project <file>", "project file (default: foreshadow.yaml here or above)")
    .option("--json", "print the result as JSON")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  for (const [name, summary] of COMMANDS) {
    if (loaded(name)) {
      const { default: define } = (await import(
        `./commands/${name}.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`
      )) as {
        default: (program: Command) => Command;
      };
      define(program).summary(summary).description(summary).exitOverride();
    } else program.command(name).summary(summary).description(summary);
  }
  return program;
}
