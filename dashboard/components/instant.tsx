import { useNow } from "../client/use-now.ts";
import { localTime, relative, utcTime } from "../format/time.ts";

/** An instant on the reader's clocks; UTC when pointed at. @param at epoch seconds */
export function Instant({ at, ago = false }: { readonly at: number | null | undefined; readonly ago?: boolean }) {
  const now = useNow();
  if (at === null || at === undefined) return <span class="none">never</span>;
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={utcTime(at)}>
      {ago ? relative(at, now) : localTime(at, now)}
    </time>
  );
}
