import type { Changeset } from "../../../model/changeset.ts";
import { formatShort } from "../../../model/units.ts";

/** The trailers of a commit that say what a changeset rests on: usage, models, forecast interval, preview, envelope. Those that are unknown are left away. */
export function evidenceTrailers({ evidence, reasons, previewDigest, envelope }: Changeset): [string, string][] {
  const models = [...new Set(evidence?.models.map(({ model }) => model) ?? [])].join(", ");
  const intervals = reasons.flatMap(({ series, interval }) =>
    series === undefined || interval === undefined
      ? []
      : [`${series} ${formatShort(interval[0])} to ${formatShort(interval[1])}`],
  );
  const trailers: [string, string | undefined][] = [
    ["Foreshadow-Evidence", evidence?.inputDigest],
    ["Foreshadow-Model", models],
    ["Foreshadow-Interval", intervals.join(", ")],
    ["Foreshadow-Preview", previewDigest],
    ["Foreshadow-Envelope", envelope && `${envelope.path} at ${envelope.commit}`],
  ];
  return trailers.filter((one): one is [string, string] => one[1] !== undefined && one[1] !== "");
}
