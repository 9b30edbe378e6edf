import { createHash } from "node:crypto";
import type { Evidence } from "../../model/changeset.ts";
import type { SeriesName } from "../../model/dimension.ts";
import type { ForecastParts } from "../../model/forecast-parts.ts";
import type { DecideInput } from "../orchestrator/decide.port.ts";

/** What a decision rested on, as the changeset keeps it. `input` is the text that `decide` can be run on again. */
export function evidenceOf(
  input: DecideInput,
  encoded: string,
  version: string,
  parts: Partial<Record<SeriesName, ForecastParts>> = {},
): Evidence {
  return {
    decidedAt: input.now,
    input: encoded,
    inputDigest: digest(encoded),
    models: Object.values(input.forecasts).map(({ series, model, evidence, fallbackFrom }) => ({
      series,
      model,
      trusted: evidence.trusted,
      // JSON has no NaN: before the first comparison there is no skill.
      skill: Number.isFinite(evidence.skill) ? evidence.skill : 0,
      ...(fallbackFrom === undefined ? {} : { fallbackFrom }),
      ...(parts[series] === undefined ? {} : { parts: parts[series] }),
    })),
    node: process.versions.node,
    version,
  };
}

export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
