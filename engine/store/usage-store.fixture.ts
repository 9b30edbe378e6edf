import { storeDirectory } from "./store-directory.ts";
import { openUsageStore } from "./usage-store.ts";

/** Appends a second's sample after the other, the value rising by one, until it is killed; tells how many are on disk. Argument: the project's directory. */
const now = 1_800_000_000;
const store = openUsageStore(storeDirectory("sqlite:store", process.argv[2]), { now: () => now });
for (let i = 0; i < 6000; i += 7) {
  store.append(
    Array.from({ length: 7 }, (_, k) => ({
      workload: "web",
      host: "h1",
      at: now - 6000 + i + k + 1,
      interval: 1,
      replicas: 1,
      usage: { cpu: i + k },
      demand: {},
      censored: [],
      missing: [],
      processes: [],
    })),
  );
  await store.flush();
  process.stdout.write(`${i + 7}\n`);
}
setInterval(() => {}, 1000);
