import { useState } from "preact/hooks";
import type { Quarantine } from "../../engine/feedback/quarantine.ts";
import { post } from "../client/api.ts";
import type { Page } from "../client/contract.ts";
import { useSessionOf } from "../client/session.ts";
import type { Resource } from "../client/use-resource.ts";
import { markRefusal } from "../domain/permissions.ts";
import { localInstant, parseLocalInstant } from "../format/time.ts";
import { Dialog, Refusal, useAction } from "./dialog.tsx";
import { Instant } from "./instant.tsx";
import { Submit } from "./submit.tsx";

/** Spans of time that nothing is learnt from, each to be taken back, and the form of a new one. */
export function QuarantineDialog({
  workload,
  quarantines,
  onClose,
}: {
  readonly workload: string;
  readonly quarantines: Resource<Page<Quarantine>>;
  readonly onClose: () => void;
}) {
  const refusal = markRefusal(useSessionOf());
  const standing = (quarantines.data?.items ?? []).filter(({ undone }) => undone === undefined);
  return (
    <Dialog title={`Quarantines of ${workload}`} onClose={onClose}>
      <p class="hint">
        Nothing is learnt from a span in quarantine, and nothing is released while it lasts. Taken back, what was
        measured is learnt after all.
      </p>
      {standing.length === 0 && <p class="hint">None: all that was measured is learnt.</p>}
      <ul class="plain">
        {standing.map(({ id, kind, from, to, reason, by }) => (
          <li key={id}>
            <span class="badge">▒ {kind}</span> <Instant at={from} /> to{" "}
            {to === undefined ? "now" : <Instant at={to} />}: {reason} (by {by}){" "}
            <Undo id={id} refusal={refusal} after={quarantines.reload} />
          </li>
        ))}
      </ul>
      <QuarantineForm workload={workload} refusal={refusal} after={quarantines.reload} />
      <div class="buttons">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function Undo({ id, refusal, after }: { id: string; refusal: string | undefined; after: () => void }) {
  const { busy, refusal: said, run } = useAction(() => post(`quarantines/${encodeURIComponent(id)}/undo`), after);
  return (
    <>
      <button type="button" disabled={busy || refusal !== undefined} title={refusal} onClick={run}>
        Take back
      </button>
      <Refusal text={said} />
    </>
  );
}

function QuarantineForm({
  workload,
  refusal,
  after,
}: {
  readonly workload: string;
  readonly refusal: string | undefined;
  readonly after: () => void;
}) {
  const [form, setForm] = useState(() => ({ from: localInstant(Date.now() / 1000 - 3600), to: "", reason: "" }));
  const [from, to] = [parseLocalInstant(form.from), parseLocalInstant(form.to)];
  const wrong =
    from === undefined
      ? "It has to begin at some time."
      : form.to !== "" && (to === undefined || to <= from)
        ? "It ends after it begins, or not yet."
        : form.reason.trim() === ""
          ? "Say why, for those who come after."
          : undefined;
  const action = useAction(
    () => post("quarantines", { workload, from, ...(to !== undefined && { to }), reason: form.reason.trim() }),
    after,
  );
  const change = (name: keyof typeof form, value: string) => setForm((old) => ({ ...old, [name]: value }));
  const time = (name: "from" | "to", label: string) => (
    <label>
      {label}
      <input type="datetime-local" value={form[name]} onInput={({ currentTarget: { value } }) => change(name, value)} />
    </label>
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void action.run();
      }}
    >
      <h3>Keep a span out of what is learnt</h3>
      <div class="fields">
        {time("from", "From")}
        {time("to", "To, or empty while it lasts")}
      </div>
      <label>
        Reason
        <input
          value={form.reason}
          maxLength={1000}
          onInput={({ currentTarget: { value } }) => change("reason", value)}
        />
      </label>
      <Refusal text={action.refusal} />
      <Submit verb={`Quarantine ${workload}`} busy={action.busy} refusal={refusal ?? wrong} />
    </form>
  );
}
