import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ApiProblem } from "../client/api.ts";

/** A modal dialog. Escape and the browser's own ways close it. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={onClose}>
      <h2 id={heading}>{title}</h2>
      {children}
    </dialog>
  );
}

/** Asks before something is done, naming what it does; says why where it was refused. */
export function ConfirmDialog({
  title,
  verb,
  danger = false,
  act,
  onClose,
  children,
}: {
  readonly title: string;
  /** What the button says. */
  readonly verb: string;
  readonly danger?: boolean;
  readonly act: () => Promise<unknown>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const { busy, refusal, run } = useAction(act, onClose);
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <Refusal text={refusal} />
      <div class="buttons">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class={danger ? "danger" : "primary"} disabled={busy} onClick={run}>
          {busy ? "…" : verb}
        </button>
      </div>
    </Dialog>
  );
}

/** Does something once at a time, and keeps what the engine said against it. */
export function useAction(act: () => Promise<unknown>, done: () => void) {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const run = async () => {
    setBusy(true);
    setRefusal(undefined);
    try {
      await act();
      done();
    } catch (error) {
      setRefusal(error instanceof ApiProblem ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return { busy, refusal, run };
}

export function Refusal({ text }: { readonly text: string | undefined }) {
  return text === undefined ? null : (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}
