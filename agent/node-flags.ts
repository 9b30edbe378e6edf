/**
 * What Node is started with for the agent. It allocates some hundred kilobytes a second, nearly all of it short-lived: with V8's own
 * sizes its young generation grows to three times 16 MiB before anything is collected. Its few hot functions get optimised either way.
 */
export const AGENT_NODE_FLAGS: readonly string[] = ["--max-semi-space-size=1", "--optimize-for-size"];
