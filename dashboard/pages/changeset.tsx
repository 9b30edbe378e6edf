import { useState } from "preact/hooks";
import type { Changeset } from "../../model/changeset.ts";
import { post } from "../client/api.ts";
import { href } from "../client/route.ts";
import { useSessionOf } from "../client/session.ts";
import { useResource } from "../client/use-resource.ts";
import { ConfirmDialog } from "../components/dialog.tsx";
import { DiffTable } from "../components/diff-table.tsx";
import { Loaded } from "../components/loaded.tsx";
import { Reasons } from "../components/reasons.tsx";
import { ChangesetBadge } from "../components/state-badges.tsx";
import { diffRows, diffSentence } from "../domain/diff-rows.ts";
import { actRefusal, type Decision, stateRefusal } from "../domain/permissions.ts";
import { effect, standing } from "../domain/verdict.ts";
import { ChangesetCourse, ChangesetEvidence } from "./changeset-facts.tsx";

/** One changeset: the verdict first, then what it changes, why, on what evidence, and the way back. */
export function ChangesetPage({ id }: { readonly id: string }) {
  const changeset = useResource<Changeset>(`changesets/${encodeURIComponent(id)}`, {
    after: (event) => event.type === "changeset" && event.changeset.id === id,
    ticksOf: null,
    pace: 500,
  });
  return (
    <Loaded resource={changeset} what={id}>
      {(found) => <Shown changeset={found} reload={changeset.reload} />}
    </Loaded>
  );
}

function Shown({ changeset, reload }: { readonly changeset: Changeset; readonly reload: () => void }) {
  const { id, workload, stack, state, changes, reasons, failure, policyViolations = [], notes = [] } = changeset;
  const { reversibility, reverseChanges = [], reverses, reversedBy, repairs } = changeset;
  return (
    <>
      <p class="crumbs">
        <a href={href("")}>Fleet</a> / <a href={href("workloads", workload)}>{workload}</a> /{" "}
        <span class="id">{id}</span>
      </p>
      <div class="title">
        <h1>
          {workload}: {effect(changeset)}
        </h1>
        <ChangesetBadge state={state} />
      </div>
      <p class="verdict" aria-live="polite">
        It {standing(state)}. {changed(changeset)} on stack {stack.dir}:{stack.name}.{" "}
        {reversibility === undefined ? "The way back is not rehearsed yet." : `The way back is ${reversibility}.`}
        {changeset.urgent && " It rescues present demand."}
      </p>
      {failure && (
        <p class="problem" role="alert">
          Failed at {failure.step}: {failure.message}
        </p>
      )}
      <Decisions changeset={changeset} reload={reload} />
      <section aria-labelledby="what" class="panel">
        <h2 id="what">What changes</h2>
        {changes === undefined ? (
          <p class="hint">Not previewed yet.</p>
        ) : (
          <DiffTable changes={changes} caption="What changes" />
        )}
      </section>
      <div class="columns">
        <section aria-labelledby="why" class="panel">
          <h2 id="why">Why</h2>
          <Reasons reasons={reasons} />
        </section>
        <section aria-labelledby="policy" class="panel">
          <h2 id="policy">Constraints and policy</h2>
          {policyViolations.length === 0 ? (
            <p>{changeset.previewDigest === undefined ? "Not judged yet." : "Nothing is violated."}</p>
          ) : (
            <ul>
              {policyViolations.map((text) => (
                <li key={text} class="bad">
                  {text}
                </li>
              ))}
            </ul>
          )}
          {notes.length > 0 && (
            <ul>
              {notes.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          )}
        </section>
      </div>
      <ChangesetEvidence changeset={changeset} />
      <div class="columns">
        <ChangesetCourse changeset={changeset} />
        <section aria-labelledby="back" class="panel">
          <h2 id="back">The way back</h2>
          <p>{reversibility === undefined ? "Not rehearsed." : `${reversibility}, rehearsed before the apply`}</p>
          {reverseChanges.length > 0 && <DiffTable changes={reverseChanges} caption="The way back" />}
          {reverses && <Link text="It takes back" id={reverses} />}
          {repairs && <Link text="It completes" id={repairs} />}
          {reversedBy && <Link text="It was taken back by" id={reversedBy} />}
        </section>
      </div>
    </>
  );
}

function Link({ text, id }: { readonly text: string; readonly id: string }) {
  return (
    <p>
      {text}{" "}
      <a class="id" href={href("changesets", id)}>
        {id}
      </a>
    </p>
  );
}

const DECISIONS: readonly { readonly decision: Decision; readonly verb: string; readonly look: string }[] = [
  { decision: "approve", verb: "Approve", look: "primary" },
  { decision: "reject", verb: "Reject", look: "" },
  { decision: "rollback", verb: "Roll back", look: "danger" },
];

function Decisions({ changeset, reload }: { readonly changeset: Changeset; readonly reload: () => void }) {
  const session = useSessionOf();
  const [asking, setAsking] = useState<Decision>();
  const barred = actRefusal(session);
  const allowed = DECISIONS.map(({ decision }) => stateRefusal(decision, changeset));
  // One line says why, not three: what the session may not is said first.
  const reason = barred ?? (allowed.every((refusal) => refusal !== undefined) ? allowed[2] : undefined);
  return (
    <div class="decisions">
      {DECISIONS.map(({ decision, verb, look }, i) => (
        <button
          key={decision}
          type="button"
          class={look}
          disabled={(barred ?? allowed[i]) !== undefined}
          title={barred ?? allowed[i]}
          aria-describedby={reason ? "refusal" : undefined}
          onClick={() => setAsking(decision)}
        >
          {verb}
        </button>
      ))}
      {reason && (
        <span class="hint" id="refusal">
          {reason}
        </span>
      )}
      {asking && (
        <Confirm
          decision={asking}
          changeset={changeset}
          onClose={() => {
            setAsking(undefined);
            reload();
          }}
        />
      )}
    </div>
  );
}

function Confirm({
  decision,
  changeset,
  onClose,
}: {
  readonly decision: Decision;
  readonly changeset: Changeset;
  readonly onClose: () => void;
}) {
  const { id, workload, changes = [], reverseChanges = [] } = changeset;
  const named = decision === "rollback" ? reverseChanges : changes;
  const titles = {
    approve: `Approve for ${workload}?`,
    reject: `Reject for ${workload}?`,
    rollback: `Roll back ${workload}?`,
  };
  const words = {
    approve: "This will be applied:",
    reject: "This will not be applied:",
    rollback: "This is proposed:",
  };
  const verbs = { approve: "Approve and apply", reject: "Reject", rollback: "Roll back" };
  const act = async () => {
    const made = await post<Changeset>(`changesets/${encodeURIComponent(id)}/${decision}`);
    if (decision === "rollback" && made.id !== id) location.hash = href("changesets", made.id);
  };
  return (
    <ConfirmDialog
      title={titles[decision]}
      verb={verbs[decision]}
      danger={decision === "rollback"}
      act={act}
      onClose={onClose}
    >
      <p>{words[decision]}</p>
      {named.length === 0 ? (
        <p>{decision === "rollback" ? `the reverse of: ${effect(changeset)}` : effect(changeset)}</p>
      ) : (
        <ul class="diff-list">
          {diffRows(named).map((row) => (
            <li key={`${row.resource} ${row.field}`}>{diffSentence(row)}</li>
          ))}
        </ul>
      )}
      {decision === "approve" && changeset.reversibility && <p>The way back is {changeset.reversibility}.</p>}
    </ConfirmDialog>
  );
}

function changed({ changes }: Changeset): string {
  if (changes === undefined) return "Not previewed yet,";
  const resources = new Set(changes.map(({ urn }) => urn)).size;
  return `${changes.length} ${changes.length === 1 ? "property" : "properties"} of ${resources} ${resources === 1 ? "resource" : "resources"}`;
}
