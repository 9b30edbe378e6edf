import type { Command } from "commander";
import { connectEngine } from "../../engine/api/client.ts";
import type { EngineEvent } from "../../engine/api/engine-control.port.ts";
import { contextOf } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { type LogRecord, logLine, recordOf } from "../log-line.ts";

export default function define(program: Command): Command {
  return program
    .command("run")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow run\n\nStops gracefully on Ctrl-C or SIGTERM: what is under way is ended first. A second one stops at once;\nwhat was under way then is resolved by the next start. The log goes to standard error, with --json a line of\nJSON each.",
    )
    .action(async (_options: unknown, command: Command) => {
      const { output, project } = contextOf(command);
      const files = project();
      const stop = new AbortController();
      const log = (record: LogRecord) => process.stderr.write(`${logLine(Date.now() / 1000, record, output.json)}\n`);
      const say = (message: string) => log({ level: "info", message });
      const traced = files.project.traces !== undefined;
      const tell = (event: EngineEvent) => {
        const record = recordOf(event, traced);
        if (record !== undefined) log(record);
      };
      for (const signal of ["SIGINT", "SIGTERM"] as const)
        process.on(signal, () => {
          if (stop.signal.aborted) process.exit(EXIT.failed);
          say("stopping: what is under way is ended first; once more to stop at once");
          stop.abort();
        });
      const { runDaemon } = await import("../../engine/daemon.ts");
      await runDaemon(files, {
        signal: stop.signal,
        say,
        ready: ({ socket, url, intake }) => {
          output.result({ socket, ...(url && { url }), intake, pid: process.pid }, () => [
            `engine ready: usage on 127.0.0.1:${intake}, API on ${socket}`,
            ...(url === undefined ? [] : [`web page: ${url} (\`foreshadow web\` makes a link that lets you in)`]),
          ]);
          void connectEngine(files.store).then((client) => client?.follow(tell, stop.signal, { types: LOGGED }));
        },
      });
    });
}

/** What a log of the engine should hold: changes and alerts, not every tick. */
const LOGGED = ["changeset", "alert", "note"] as const;
