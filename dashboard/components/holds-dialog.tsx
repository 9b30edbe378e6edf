import { useState } from "preact/hooks";
import { parseDuration } from "../../model/units.ts";
import { post } from "../client/api.ts";
import type { Holds } from "../client/contract.ts";
import { useSessionOf } from "../client/session.ts";
import type { Resource } from "../client/use-resource.ts";
import { actRefusal } from "../domain/permissions.ts";
import { Dialog, Refusal, useAction } from "./dialog.tsx";
import { Instant } from "./instant.tsx";
import { Submit } from "./submit.tsx";

/** Freezes and pins in force, and the forms of new ones. @param workload that the forms begin with; `*` for all */
export function HoldsDialog({
  workload,
  holds,
  onClose,
}: {
  readonly workload: string;
  readonly holds: Resource<Holds>;
  readonly onClose: () => void;
}) {
  const refusal = actRefusal(useSessionOf());
  const { freezes = [], pins = [] } = holds.data ?? {};
  const shown = <Hold extends { readonly workload: string }>(list: readonly Hold[]) =>
    workload === "*" ? list : list.filter((one) => one.workload === workload || one.workload === "*");
  return (
    <Dialog title={workload === "*" ? "Holds" : `Holds of ${workload}`} onClose={onClose}>
      <h3>In force</h3>
      {shown(freezes).length + shown(pins).length === 0 && <p class="hint">None: the engine may act.</p>}
      <ul class="plain">
        {shown(freezes).map((freeze) => (
          <li key={`f${freeze.workload}`}>
            <span class="badge frozen">■ frozen</span> {named(freeze.workload)}
            {freeze.all && ", rescue of present demand too"}, since <Instant at={freeze.since} /> by {freeze.by}
            {freeze.reason && `: ${freeze.reason}`}{" "}
            <Release workload={freeze.workload} refusal={refusal} after={holds.reload} />
          </li>
        ))}
        {shown(pins).map((pin) => (
          <li key={`p${pin.workload}`}>
            <span class="badge frozen">■ pinned</span> {named(pin.workload)} {pinText(pin)}, until{" "}
            <Instant at={pin.until} /> by {pin.by}{" "}
            <Release workload={pin.workload} refusal={refusal} after={holds.reload} />
          </li>
        ))}
      </ul>
      <FreezeForm workload={workload} refusal={refusal} after={holds.reload} />
      {workload !== "*" && <PinForm workload={workload} refusal={refusal} after={holds.reload} />}
      {workload === "*" && <p class="hint">Replicas of one workload are pinned on its own page.</p>}
      <div class="buttons">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

interface FormProps {
  readonly workload: string;
  readonly refusal: string | undefined;
  readonly after: () => void;
}

function Release({ workload, refusal, after }: FormProps) {
  const { busy, refusal: said, run } = useAction(() => post("unfreeze", { workload }), after);
  return (
    <>
      <button type="button" disabled={busy || refusal !== undefined} title={refusal} onClick={run}>
        Release {named(workload)}
      </button>
      <Refusal text={said} />
    </>
  );
}

function FreezeForm({ workload, refusal, after }: FormProps) {
  const [reason, setReason] = useState("");
  const [all, setAll] = useState(false);
  const action = useAction(
    () => post("freeze", { workload, all, ...(reason.trim() !== "" && { reason: reason.trim() }) }),
    after,
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void action.run();
      }}
    >
      <h3>Freeze {named(workload)}</h3>
      <p class="hint">
        Stops scale-in, changes of size and what only the forecast asks for, within a second. What present demand needs
        is still added.
      </p>
      <label class="check">
        <input type="checkbox" checked={all} onChange={({ currentTarget }) => setAll(currentTarget.checked)} /> Stop the
        rescue of present demand, too
      </label>
      <label>
        Reason
        <input
          value={reason}
          maxLength={1000}
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
          placeholder="why, for those who come after"
        />
      </label>
      <Refusal text={action.refusal} />
      <Submit verb={`Freeze ${named(workload)}`} busy={action.busy} refusal={refusal} />
    </form>
  );
}

function PinForm({ workload, refusal, after }: FormProps) {
  const [form, setForm] = useState({ min: "", max: "", lasts: "2h" });
  const seconds = parseDuration(form.lasts);
  const [min, max] = [wholeNumber(form.min), wholeNumber(form.max)];
  const wrong =
    (form.min !== "" && min === undefined) || (form.max !== "" && max === undefined)
      ? "Replicas are whole numbers."
      : min === undefined && max === undefined
        ? "Say at least, at most, or both."
        : min !== undefined && max !== undefined && min > max
          ? "At least is more than at most."
          : seconds === undefined
            ? "How long is written as 30m, 2h or 1d."
            : undefined;
  const action = useAction(
    () => post("pin", { workload, min, max, until: Math.round(Date.now() / 1000 + (seconds ?? 0)) }),
    after,
  );
  const field = (name: keyof typeof form, label: string, numeric: boolean) => (
    <label>
      {label}
      <input
        value={form[name]}
        inputMode={numeric ? "numeric" : "text"}
        size={6}
        onInput={({ currentTarget: { value } }) => setForm((old) => ({ ...old, [name]: value }))}
      />
    </label>
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void action.run();
      }}
    >
      <h3>Pin replicas of {workload}</h3>
      <div class="fields">
        {field("min", "At least", true)}
        {field("max", "At most", true)}
        {field("lasts", "For", false)}
      </div>
      <Refusal text={action.refusal} />
      <Submit verb={`Pin ${workload}`} busy={action.busy} refusal={refusal ?? wrong} />
    </form>
  );
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,7}$/.test(text.trim()) ? Number(text) : undefined;
}

function named(workload: string): string {
  return workload === "*" ? "all workloads" : workload;
}

function pinText({ min, max }: { readonly min?: number; readonly max?: number }): string {
  return [...(min === undefined ? [] : [`at least ${min}`]), ...(max === undefined ? [] : [`at most ${max}`])].join(
    ", ",
  );
}
