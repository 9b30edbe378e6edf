import { isMainThread, Worker, workerData } from "node:worker_threads";

/**
 * A process whose threads each want a share of a core: in turn they use so much CPU time and sleep the rest of a period, however
 * long the CPU time took to come by. Arguments: threads, share of a core each wants, period in milliseconds. Prints a line when
 * all of them run.
 */
const [threads, share, period] = process.argv.slice(2).map(Number);
const ready = isMainThread ? new Int32Array(new SharedArrayBuffer(4)) : (workerData as Int32Array);

function use(microseconds: number): void {
  const { user, system } = process.threadCpuUsage();
  const end = user + system + microseconds;
  for (let now = 0; now < end; ) {
    const used = process.threadCpuUsage();
    now = used.user + used.system;
  }
}

if (isMainThread) {
  for (let i = 0; i < threads; i++)
    new Worker(new URL(import.meta.url), { workerData: ready, argv: process.argv.slice(2) });
  const timer = setInterval(() => {
    if (Atomics.load(ready, 0) < threads) return;
    clearInterval(timer);
    console.log("ready");
  }, 20);
} else {
  const never = new Int32Array(new SharedArrayBuffer(4));
  Atomics.add(ready, 0, 1);
  for (;;) {
    use(share * period * 1000);
    if (share < 1) Atomics.wait(never, 0, 0, (1 - share) * period);
  }
}
