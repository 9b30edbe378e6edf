import { counted, plural } from "../format/quantity.ts";

/** Steps through a list by its cursors. */
export function Pager({
  shown,
  total,
  first,
  noun,
  onBack,
  onNext,
}: {
  readonly shown: number;
  readonly total: number | undefined;
  /** Of how many it is the first; 0 for the first page. */
  readonly first: number;
  readonly noun: string;
  readonly onBack: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
}) {
  const range = shown === 0 ? "none" : `${(first + 1).toLocaleString("en")}–${(first + shown).toLocaleString("en")}`;
  return (
    <nav class="pager" aria-label={`Pages of ${plural(noun)}`}>
      <span aria-live="polite">
        {range}
        {total === undefined ? "" : ` of ${counted(total, noun)}`}
      </span>
      <button type="button" disabled={onBack === undefined} onClick={onBack}>
        ← Back
      </button>
      <button type="button" disabled={onNext === undefined} onClick={onNext}>
        Next →
      </button>
    </nav>
  );
}
