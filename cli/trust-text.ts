import type { SeriesView } from "../engine/api/engine-control.port.ts";
import { formatShort } from "../model/units.ts";

/** Whether a series' forecasts act; with how far ahead they do, where that is not everywhere. */
export function trustText({ trusted, trustedAt = [] }: Pick<SeriesView, "trusted" | "trustedAt">): string {
  if (trusted) return "trusted";
  if (trustedAt.length === 0) return "not trusted";
  return `acts at ${trustedAt.map((seconds) => formatShort(seconds / 60)).join(", ")} min ahead`;
}
