import { ENVIRONMENT, NODE_FLAGS } from "../../agent/process-bounds.ts";
import { siblingModule } from "../../model/sibling.ts";
import { type AgentSettings, SETTINGS_VARIABLE } from "./agent-settings.ts";

/** Linux takes 128 KiB in one variable of the environment. */
const MOST_BYTES = 120 * 1024;

/**
 * Puts the agent's process in this one's place, with its id and its standard streams (execve(2)): without what the command line loaded,
 * and with Node's memory bounded. Returns where that cannot be; then the agent has to run in this process.
 */
export function becomeAgent(settings: AgentSettings): void {
  const text = JSON.stringify(settings);
  // Node has it from 22.15 on.
  if (process.platform !== "linux" || process.execve === undefined || Buffer.byteLength(text) > MOST_BYTES) return;
  const script = siblingModule(import.meta.url, "./main");
  const args = [process.execPath, ...process.execArgv, ...NODE_FLAGS, script];
  process.execve(process.execPath, args, { ...ENVIRONMENT, ...process.env, [SETTINGS_VARIABLE]: text });
}
