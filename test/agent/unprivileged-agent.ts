import { runAgent } from "../../agent/agent.ts";
import type { UsageVector } from "../../model/vector.ts";

// Gives up root, shadows what the selector in its argument matches, and prints the third vector.
const NOBODY = 65_534;
process.setgroups?.([]);
process.setgid?.(NOBODY);
process.setuid?.(NOBODY);
const stop = new AbortController();
const vectors: UsageVector[] = [];
await runAgent(
  {
    workloads: [{ name: "web", select: JSON.parse(process.argv[2]) }],
    endpoint: null,
    listen: null,
    interval: 0.2,
    onVectors: (tick) => {
      vectors.push(...tick);
      if (vectors.length === 3) stop.abort();
    },
  },
  stop.signal,
);
console.log(JSON.stringify({ uid: process.getuid?.(), vector: vectors[2] }));
