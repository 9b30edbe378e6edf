import assert from "node:assert/strict";
import { test } from "node:test";
import { SeasonalProfile } from "./seasonal-profile.ts";

test("a phase is the mean of its seasons, the later counting more", () => {
  const profile = new SeasonalProfile(3, 0, 0.5);
  for (const value of [1, 2, 3, 4, 2, 3]) profile.push(value);
  assert.equal(profile.at(6), (0.5 * 1 + 4) / 1.5);
  assert.equal(profile.at(7), 2);
});

test("a gap leaves its phase as it was", () => {
  const profile = new SeasonalProfile(2, 0);
  for (const value of [5, 6, Number.NaN, 6]) profile.push(value);
  assert.equal(profile.at(4), 5);
});

test("what is read up to a season less the smoothing ahead was known", () => {
  const season = 6;
  const ahead = season - 2;
  const values = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8];
  const profile = new SeasonalProfile(season, 2);
  for (const value of values) profile.push(value);
  const known = profile.at(values.length - 1 + ahead);
  for (let i = 0; i < ahead - 1; i++) profile.push(1_000);
  assert.equal(profile.at(values.length - 1 + ahead), known);
});
