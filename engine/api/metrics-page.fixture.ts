import type { StatusView } from "./engine-control.port.ts";
import type { PageFigures } from "./metrics-page.ts";

const STATUS: StatusView = {
  engine: { pid: 1, version: "t", startedAt: 0, lastTick: 60, running: true },
  ledger: { sequence: 7, hash: "" },
  workloads: [
    {
      name: "web",
      mode: "auto",
      at: 60,
      asked: 3,
      ready: 2,
      reporting: 2,
      need: 2,
      target: 3,
      reasons: [],
      series: {
        cpu: {
          usage: 1,
          demand: 1.5,
          forecast: 1.6,
          upper: 1.9,
          capacity: 2,
          model: "m",
          trusted: true,
          evidence: "",
        },
      },
    },
  ],
  alerts: [],
};

/** Figures of an engine of which there is everything to tell. */
export const FULL: PageFigures = {
  status: STATUS,
  alerts: [
    { id: "a", workload: "web", subject: "cpu", openedAt: 1, updatedAt: 1, multiple: 6.5, movers: [], text: "" },
    {
      id: "b",
      workload: "web",
      subject: "memory",
      openedAt: 1,
      updatedAt: 2,
      resolvedAt: 2,
      multiple: 9,
      movers: [],
      text: "",
    },
  ],
  anomalies: [{ workload: "web", detected: 3 }],
  recalibrations: 2,
  quarantined: ["web"],
  errors: [{ workload: "web", series: "cpu", error: 0.04 }],
  webhook: { delivered: 3, failed: 1, dropped: 0, waiting: 2 },
  tickSeconds: { bounds: [0.1, 1], counts: [2, 1, 0], sum: 0.5 },
  forecasts: { forecasts: 12, fallbacks: { deadline: 2, behind: 0, learning: 1, ended: 0 } },
  leadTimes: [{ workload: "web", kind: "out", p95: 42 }],
  changesets: new Map([
    ["awaiting-approval", 1],
    ["done", 30],
  ]),
  process: {
    lag: { bounds: [0.01], counts: [20, 1], sum: 0.03 },
    store: { control: 4096, usage: 8192, models: 0 },
    usage: { dropped: 0, refused: 5 },
    spans: { delivered: 12, failed: 0, dropped: 0, waiting: 1 },
  },
};

/** Before the first tick, without what an engine may lack. */
export const EMPTY: PageFigures = {
  status: {
    ...STATUS,
    engine: { ...STATUS.engine, lastTick: null },
    workloads: STATUS.workloads.map((workload) => ({ ...workload, at: null, series: {} })),
  },
  alerts: [],
  anomalies: [],
  recalibrations: 0,
  quarantined: [],
  errors: [],
  tickSeconds: { bounds: [0.1], counts: [0, 0], sum: 0 },
  leadTimes: [],
  changesets: new Map(),
};
