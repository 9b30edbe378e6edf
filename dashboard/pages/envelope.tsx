import { useState } from "preact/hooks";
import type { EnvelopeChange, EnvelopeProposal } from "../../engine/api/engine-control.port.ts";
import { post } from "../client/api.ts";
import type { Page } from "../client/contract.ts";
import { href } from "../client/route.ts";
import { useSessionOf } from "../client/session.ts";
import { useResource } from "../client/use-resource.ts";
import { ConfirmDialog } from "../components/dialog.tsx";
import { Instant } from "../components/instant.tsx";
import { Loaded } from "../components/loaded.tsx";
import { FileText } from "../components/scroll.tsx";
import { Headings, Table } from "../components/table.tsx";
import { envelopeRows } from "../domain/envelope-rows.ts";
import { actRefusal } from "../domain/permissions.ts";

/** An envelope that waits: what it would allow, for which workloads. */
export function EnvelopePage({ id }: { readonly id: string }) {
  const envelopes = useResource<Page<EnvelopeProposal>>("envelopes", {
    after: ({ type }) => type === "note",
    ticksOf: null,
  });
  return (
    <Loaded resource={envelopes} what={id}>
      {({ items }) => {
        const found = items.find((one) => one.id === id);
        return found === undefined ? (
          <p class="hint">No envelope {id} waits: it was decided, or has expired.</p>
        ) : (
          <Shown envelope={found} />
        );
      }}
    </Loaded>
  );
}

function Shown({ envelope }: { readonly envelope: EnvelopeProposal }) {
  const { id, stack, path, text, workloads, commit, at, changes } = envelope;
  const [asking, setAsking] = useState<"approve" | "reject">();
  const refusal = actRefusal(useSessionOf());
  return (
    <>
      <p class="crumbs">
        <a href={href("waiting")}>Waiting</a> / <span class="id">{id}</span>
      </p>
      <h1>Envelope of {stack}</h1>
      <p class="verdict">
        It waits for approval. Changes of floors and plan inside it need no further approval, for {workloads.join(", ")}
        . Proposed <Instant at={at} />.
      </p>
      <div class="decisions">
        {(["approve", "reject"] as const).map((decision) => (
          <button
            key={decision}
            type="button"
            class={decision === "approve" ? "primary" : ""}
            disabled={refusal !== undefined}
            title={refusal}
            onClick={() => setAsking(decision)}
          >
            {decision === "approve" ? "Approve" : "Reject"}
          </button>
        ))}
        {refusal && <span class="hint">{refusal}</span>}
      </div>
      {changes.map((change) => (
        <Floors key={change.workload} change={change} />
      ))}
      <section class="panel" aria-labelledby="text">
        <h2 id="text">
          {path} <span class="id">{commit.slice(0, 12)}</span>
        </h2>
        <FileText label="Text of the file" text={text} />
      </section>
      {asking && (
        <ConfirmDialog
          title={asking === "approve" ? `Approve the envelope of ${stack}?` : `Reject the envelope of ${stack}?`}
          verb={asking === "approve" ? "Approve" : "Reject"}
          act={async () => {
            await post(`envelopes/${encodeURIComponent(id)}/${asking}`);
            location.hash = href("waiting");
          }}
          onClose={() => setAsking(undefined)}
        >
          <p>
            {asking === "approve" ? "This becomes the text of" : "This does not become the text of"} {path}, for{" "}
            {workloads.join(", ")}:
          </p>
          {changes.map((change) => (
            <Floors key={change.workload} change={change} within="dialog" />
          ))}
        </ConfirmDialog>
      )}
    </>
  );
}

/** What one workload's envelope allows now, and what it would. */
function Floors({ change, within = "page" }: { readonly change: EnvelopeChange; readonly within?: "page" | "dialog" }) {
  const { workload, before, after } = change;
  const heading = `${within}-floors-${workload}`;
  return (
    <section class={within === "page" ? "panel" : undefined} aria-labelledby={heading}>
      <h2 id={heading}>Floors of {workload} that need no further approval</h2>
      <p>
        Until {before === undefined ? "now none" : <Instant at={before.until} />} → <Instant at={after.until} />
      </p>
      <Table
        label={`Floors of ${workload} by hour`}
        headings={<Headings titles={["Hours (UTC)", "Now", "Proposed"]} />}
      >
        {envelopeRows(change).map(({ hours, before: was, after: will, changed }) => (
          <tr key={hours}>
            <td>{hours}</td>
            <td>{was}</td>
            <td>{changed ? <b>{will}</b> : will}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}
