import assert from "node:assert/strict";
import { test } from "node:test";
import type { HorizonTrustView } from "../engine/api/engine-control.port.ts";
import { horizonRows } from "./horizon-rows.ts";

const horizon = (ahead: number, change: Partial<HorizonTrustView> = {}): HorizonTrustView => ({
  ahead,
  trusted: false,
  evidence: "cold start",
  samples: 0,
  skill: null,
  coverage: {},
  since: 0,
  ...change,
});

test("horizons of which the same is told share a row, others have one of their own", () => {
  const acting = { trusted: true, skill: 0.25, samples: 300, coverage: { 0.99: 0.985 } };
  const rows = horizonRows([horizon(5), horizon(40), horizon(300), horizon(900, acting), horizon(1800)]);
  assert.deepEqual(
    rows.map(([, ahead, acts]) => [ahead, acts]),
    [
      ["5 s to 5 min ahead", "does not act since 1970-01-01T00:00Z"],
      ["15 min ahead", "acts since 1970-01-01T00:00Z"],
      ["30 min ahead", "does not act since 1970-01-01T00:00Z"],
    ],
  );
  assert.deepEqual(rows[1].slice(3), ["skill 25 %", "covered p99 98.5 %", "300 compared", ""]);
});
