/** The button of a form, with why it does nothing where it does nothing. */
export function Submit({
  verb,
  busy,
  refusal,
}: {
  readonly verb: string;
  readonly busy: boolean;
  readonly refusal?: string;
}) {
  return (
    <p class="submit">
      <button type="submit" disabled={busy || refusal !== undefined}>
        {verb}
      </button>{" "}
      {refusal && <span class="hint">{refusal}</span>}
    </p>
  );
}
