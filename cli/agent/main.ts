import { collectRegularly } from "../../agent/collect-regularly.ts";
import { exitOnClosedPipe, report } from "../process-end.ts";
import { type AgentSettings, SETTINGS_VARIABLE } from "./agent-settings.ts";
import { runWithSettings } from "./run-with-settings.ts";

// The agent's own process. It loads nothing of the command line's and of the engine's: its memory is taken from the workloads.
const settings: AgentSettings = JSON.parse(process.env[SETTINGS_VARIABLE]!);
delete process.env[SETTINGS_VARIABLE];
exitOnClosedPipe();
collectRegularly();
try {
  await runWithSettings(settings);
} catch (error) {
  process.exitCode = report(error, settings.json);
}
