import assert from "node:assert/strict";
import { test } from "node:test";
import type { Capacity } from "../../model/capacity.ts";
import type { UsageVector } from "../../model/vector.ts";
import { growthDrivers } from "./growth-drivers.ts";
import { seriesUsers } from "./series-users.ts";

const TWO: Capacity = {
  owns: "desired",
  replicas: { count: 2 },
  plan: [],
  perReplica: { cpu: 1 },
  storage: {},
  network: {},
};
const FOUR: Capacity = { ...TWO, replicas: { count: 4 } };
const REASONS = [
  { kind: "forecast", series: "cpu", text: "cpu rises" },
  { kind: "demand", series: "memory", text: "memory is asked for" },
  { kind: "cooldown", series: "network", text: "not yet" },
] as const;
const measures = (cpu: number, memory = 0) => ({ usage: { cpu, memory }, demand: {}, censored: [] });
const process = (
  pid: number,
  executable: string,
  cpu: number,
  threads: readonly [string, number][] = [],
  memory = 0,
) => ({
  ...measures(cpu, memory),
  identity: { pid, startTime: pid },
  executable,
  threads: threads.map(([name, share], i) => ({ tid: i, name, ...measures(share) })),
});
const vector = (...processes: ReturnType<typeof process>[]): UsageVector => ({
  workload: "web",
  host: "h",
  at: 0,
  interval: 1,
  replicas: 1,
  missing: [],
  processes,
  ...measures(0),
});

test("growth names the program and its threads that use most of what the reasons name", () => {
  const web = (pid: number) =>
    process(pid, "/bin/web", 2, [
      ["web", 0.5],
      ["encode-1", 0.8],
      ["encode-2", 0.7],
    ]);
  const drivers = growthDrivers(TWO, FOUR, REASONS, [vector(web(1), process(7, "/bin/log", 1)), vector(web(2))]);
  assert.deepEqual(drivers, [
    {
      kind: "driver",
      series: "cpu",
      text: "cpu: 80 % is used by /bin/web (2 processes), most of that in its threads encode",
    },
  ]);
});

test("the thread that has the program's own name says nothing more, and no half is named", () => {
  const only = growthDrivers(TWO, FOUR, REASONS, [vector(process(3, "/bin/web", 2, [["web", 2]], 5))]);
  assert.deepEqual(
    only.map(({ text }) => text),
    ["cpu: 100 % is used by /bin/web (pid 3)", "memory: 100 % is used by /bin/web (pid 3)"],
  );
  assert.deepEqual(growthDrivers(TWO, FOUR, REASONS, [vector(process(3, "/a", 1), process(4, "/b", 1))]), []);
});

test("the function that the program grew by is named with its CPU, and with nothing else", () => {
  const functions = [
    { name: "hot", file: "web.js", cpu: 1.5, before: 0.5 },
    { name: "idle", cpu: 0.5, before: 0.5 },
  ];
  const only = growthDrivers(TWO, FOUR, REASONS, [
    vector({ ...process(3, "node", 2, [], 5), functions } as ReturnType<typeof process>, process(4, "node", 1)),
  ]);
  assert.deepEqual(
    only.map(({ text }) => text),
    [
      "cpu: 100 % is used by node (2 processes); in profiles 100 % of what it grew by is in the function hot (web.js)",
      "memory: 100 % is used by node (pid 3)",
    ],
  );
});

test("a release has no driver, nor has growth without measurements", () => {
  assert.deepEqual(growthDrivers(FOUR, TWO, REASONS, [vector(process(3, "/bin/web", 2))]), []);
  assert.deepEqual(growthDrivers(TWO, FOUR, REASONS, []), []);
});

test("who uses what now is told by program and thread, the greatest first", () => {
  const vectors = [
    {
      processes: [
        process(1, "/usr/bin/web", 3, [
          ["worker-1", 1.5],
          ["worker-2", 1],
          ["gc", 0.5],
        ]),
        process(2, "/usr/bin/web", 1),
        process(3, "/usr/bin/log", 1, [], 4e6),
        process(4, "/usr/bin/idle", 0),
      ],
    },
  ] as unknown as UsageVector[];
  const { cpu, memory, network } = seriesUsers(vectors);
  assert.deepEqual(
    cpu?.map(({ name, processes, value, share }) => [name, processes, value, share]),
    [
      ["/usr/bin/web", 2, 4, 0.8],
      ["/usr/bin/log", 1, 1, 0.2],
    ],
  );
  assert.deepEqual(
    cpu?.[0].threads.map(({ name, value }) => [name, value]),
    [
      ["worker", 2.5],
      ["gc", 0.5],
    ],
  );
  assert.deepEqual([memory?.length, network], [1, undefined]);
});
