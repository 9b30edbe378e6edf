import { spawn } from "node:child_process";
import { once } from "node:events";

/** Processes or threads that sleep, of which some run for a moment ten times a second. */
export interface PopulationSize {
  readonly kind: "processes" | "threads";
  readonly count: number;
  readonly busy: number;
}

/** Forks so many processes beside itself. */
const PROCESSES = `my ($all, $busy) = @ARGV; $0 = "bench";
for my $i (2 .. $all) { next if fork; while (1) { if ($i <= $busy + 1) { select undef, undef, undef, 0.1; 1 for 1 .. 500 } else { sleep 1000 } } }
print "ready\\n"; close STDOUT; sleep 1000 while 1;`;

/** Forks processes of fifty threads each. */
const THREADS_A_PROCESS = 50;
const THREADS = `import os, sys, threading, time
count, busy, size = map(int, sys.argv[1:])
def run(i):
    if i >= busy:
        threading.Event().wait()
    while True:
        time.sleep(0.1)
        for _ in range(300): pass
for first in range(0, count, size):
    if first == 0 or os.fork() == 0:
        threading.stack_size(65536)
        for i in range(first + 1, min(first + size, count)): threading.Thread(target=run, args=(i,), daemon=True).start()
        if first > 0: run(first)
print("ready", flush=True)
threading.Event().wait()`;

/** Starts a population. Its first process is the others' parent; `end` ends all of them. */
export async function startPopulation({
  kind,
  count,
  busy,
}: PopulationSize): Promise<{ readonly pid: number; readonly end: () => Promise<void> }> {
  const [command, args] =
    kind === "processes"
      ? ["perl", ["-e", PROCESSES, `${count}`, `${busy}`]]
      : ["python3", ["-c", THREADS, `${count}`, `${busy}`, `${THREADS_A_PROCESS}`]];
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], detached: true });
  await once(child.stdout!, "data");
  return {
    pid: child.pid!,
    end: async () => {
      const ended = once(child, "exit");
      process.kill(-child.pid!, "SIGKILL");
      await ended;
    },
  };
}
