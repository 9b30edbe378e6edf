import assert from "node:assert/strict";
import { test } from "node:test";
import { trustedInPart } from "../engine/loop/views.ts";
import { forecastOf } from "../engine/orchestrator/decide-fixture.ts";
import { trustText } from "./trust-text.ts";

function textOf(trust: readonly boolean[]): string {
  const forecast = forecastOf("cpu", 1);
  const horizons = trust.map((trusted, k) => ({
    ahead: [1, 6, 16][k],
    trusted,
    reason: "stated",
    samples: 100,
    skill: 0.1,
    coverage: {},
    since: 0,
  }));
  const trusted = trust.every((one) => one);
  const partly = trustedInPart({ ...forecast, evidence: { ...forecast.evidence, trusted, horizons } });
  return trustText({ trusted, ...partly });
}

test("forecasts that act in part say how far ahead", () => {
  assert.equal(textOf([true, true, true]), "trusted");
  assert.equal(textOf([false, false, false]), "not trusted");
  assert.equal(textOf([false, true, true]), "acts at 6, 16 min ahead");
});
