import { runAgent } from "../agent/agent.ts";

// The agent in a process of its own, for what measures its cost: OTLP endpoint, then the selector as JSON.
const [endpoint, select] = process.argv.slice(2);
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
await runAgent({ workloads: [{ name: "bench", select: JSON.parse(select) }], endpoint, listen: null }, stop.signal);
