import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { HeldBack } from "../../model/held-back.ts";
import { FakeHost, tick } from "../fixtures/fake-host.ts";
import { CgroupSampler } from "./cgroup-sampler.ts";
import { HeldBackSampler } from "./held-back-sampler.ts";
import { SocketSampler } from "./socket-sampler.ts";

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
});
afterEach(() => host.close());

function pressure(milliseconds: number): string {
  const line = (kind: string, total: number) => `${kind} avg10=12.50 avg60=3.01 avg300=0.00 total=${total}\n`;
  return line("some", milliseconds * 1000) + line("full", 7);
}

/** Figures of the second of two moments, from trees that `write` makes for each. */
function between(write: (moment: 0 | 1) => void): HeldBack {
  write(0);
  const sampling = host.sampling();
  const cgroup = CgroupSampler.find(sampling, "/web", undefined);
  assert.ok(cgroup);
  const sampler = new HeldBackSampler();
  const read = (number: number) => sampler.read(sampling, cgroup, cgroup.memory?.read(sampling.buffer), tick(number));
  read(1);
  write(1);
  return read(2);
}

test("version 2: pressure, throttled periods, what came back, hits of the limit, swap", () => {
  const figures = between((moment) => {
    host.write("cgroup/cgroup.controllers", "cpu io memory\n");
    host.write("cgroup/web/cgroup.procs", "11\n");
    host.write(
      "cgroup/web/cpu.stat",
      `usage_usec 5\nuser_usec 1\nsystem_usec 1\nnr_periods ${10 + 10 * moment}\nnr_throttled ${4 + 6 * moment}\n`,
    );
    host.write("cgroup/web/cpu.pressure", pressure(100 + 250 * moment));
    host.write("cgroup/web/memory.pressure", pressure(0));
    host.write("cgroup/web/io.pressure", pressure(2000 * moment));
    host.write("cgroup/web/memory.current", "1000000\n");
    host.write(
      "cgroup/web/memory.stat",
      `anon 5\nworkingset_refault_file 900\nworkingset_activate_anon ${moment}\nworkingset_activate_file ${9 * moment}\n`,
    );
    host.write("cgroup/web/memory.events", `low 0\nhigh ${3 * moment}\nmax ${2 * moment}\noom 0\n`);
    host.write("cgroup/web/memory.swap.current", "4096\n");
  });
  assert.deepEqual(rounded(figures), {
    memory_swapped: 4096,
    cpu_pressure: 0.25,
    memory_pressure: 0,
    disk_pressure: 1,
    cpu_throttled: 0.6,
    memory_returned: 10 * 4096,
    memory_limit_hits: 5,
  });
});

test("version 1: each from its own hierarchy; pressure is not told", () => {
  const figures = between((moment) => {
    for (const controller of ["cpu", "memory"]) {
      host.write(`cgroup/${controller}/cgroup.procs`, "1\n");
      host.write(`cgroup/${controller}/web/cgroup.procs`, "11\n");
    }
    host.write("cgroup/cpu/web/cpu.stat", `nr_periods ${10 * moment}\nnr_throttled ${10 * moment}\nthrottled_time 0\n`);
    host.write("cgroup/memory/web/memory.usage_in_bytes", "1000000\n");
    host.write("cgroup/memory/web/memory.failcnt", `${7 * moment}\n`);
    host.write(
      "cgroup/memory/web/memory.stat",
      `swap 1\nworkingset_refault_file 5\ntotal_swap 8192\ntotal_workingset_refault_anon 0\ntotal_workingset_refault_file ${3 * moment}\n`,
    );
  });
  assert.deepEqual(rounded(figures), {
    memory_swapped: 8192,
    cpu_throttled: 1,
    memory_returned: 3 * 4096,
    memory_limit_hits: 7,
  });
});

test("a cgroup whose files are missing holds nothing back that could be told", () => {
  const figures = between(() => {
    host.write("cgroup/cgroup.controllers", "\n");
    host.write("cgroup/web/cgroup.procs", "11\n");
  });
  assert.deepEqual(figures, {});
});

test("connections are looked at every few ticks, in each namespace", () => {
  const write = (refused: number) => {
    for (const pid of [11, 12]) {
      host.process({
        pid,
        tcp: " sl local\n 0: 00000000:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000 0 0 77\n",
      });
      host.write(`proc/${pid}/net/netstat`, `TcpExt: ListenOverflows ListenDrops\nTcpExt: ${refused} 999\n`);
    }
  };
  write(0);
  const sockets = new SocketSampler();
  const sampling = host.sampling();
  const representatives = new Map([
    ["net:[2]", 11],
    ["net:[3]", 12],
  ]);
  assert.deepEqual(sockets.read(sampling, tick(5), representatives), { connections_waiting: 6 });
  write(50);
  const figures = { connections_waiting: 6, connections_refused: 20 };
  assert.deepEqual(sockets.read(sampling, tick(10), representatives), figures);
  assert.deepEqual(sockets.read(sampling, tick(11), representatives), figures);
  assert.deepEqual(sockets.read(sampling, tick(12), new Map()), {});
});

function rounded(figures: HeldBack): HeldBack {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value.toFixed(9))]));
}
