import { useState } from "preact/hooks";
import type { EnvelopeProposal } from "../../engine/api/engine-control.port.ts";
import { post } from "../client/api.ts";
import type { Page } from "../client/contract.ts";
import { href } from "../client/route.ts";
import { useSessionOf } from "../client/session.ts";
import { useResource } from "../client/use-resource.ts";
import { ConfirmDialog } from "../components/dialog.tsx";
import { Instant } from "../components/instant.tsx";
import { Loaded } from "../components/loaded.tsx";
import { FileText } from "../components/scroll.tsx";
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
  const { id, stack, path, text, workloads, commit, at } = envelope;
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
          <FileText label="Text of the file" text={text} />
        </ConfirmDialog>
      )}
    </>
  );
}
