import assert from "node:assert/strict";
import { test } from "node:test";
import { Conformal } from "./conformal.ts";
import { randomNumbers } from "./synthetic.ts";

test("quantiles cover what they claim, at quiet phases and at loud ones", () => {
  const season = 48;
  const random = randomNumbers(2);
  const conformal = new Conformal(season, 1);
  const misses = { quiet: 0, loud: 0 };
  const count = { quiet: 0, loud: 0 };
  let scale = Number.NaN;
  let quantile = Number.NaN;
  for (let t = 0; t < 400 * season; t++) {
    const phase = t % season < season / 2 ? "quiet" : "loud";
    const error = (phase === "loud" ? 10 : 1) * (random() + random() + random() - 1.5);
    if (t > 20 * season) {
      count[phase]++;
      if (error > scale * quantile) misses[phase]++;
    }
    conformal.update(error, scale);
    scale = conformal.scale(1e-9);
    quantile = conformal.quantile(0.95);
  }
  const share = (misses.quiet + misses.loud) / (count.quiet + count.loud);
  assert.ok(Math.abs(share - 0.05) < 0.01, `missed ${share}`);
  assert.ok(misses.loud / count.loud < 0.12, `loud missed ${misses.loud / count.loud}`);
});

test("one mad error does not widen the next day", () => {
  const season = 48;
  const random = randomNumbers(3);
  const conformal = new Conformal(season, 1);
  for (let t = 0; t < 10 * season; t++) conformal.update(random() - 0.5, conformal.scale(1e-9));
  const before = conformal.scale(1e-9) * conformal.quantile(0.99);
  conformal.update(1e9, conformal.scale(1e-9));
  for (let t = 0; t < season - 1; t++) conformal.update(random() - 0.5, conformal.scale(1e-9));
  const after = conformal.scale(1e-9) * conformal.quantile(0.99);
  assert.ok(after < 4 * before, `${after}, before ${before}`);
});
