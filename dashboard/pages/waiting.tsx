import type { EnvelopeProposal } from "../../engine/api/engine-control.port.ts";
import type { Changeset } from "../../model/changeset.ts";
import type { Page } from "../client/contract.ts";
import { href } from "../client/route.ts";
import { useResource } from "../client/use-resource.ts";
import { ChangesetTable } from "../components/changeset-table.tsx";
import { Instant } from "../components/instant.tsx";
import { Loaded } from "../components/loaded.tsx";

/** What waits for a person, and what went on lately. */
export function WaitingPage() {
  const options = { after: ({ type }: { type: string }) => type === "changeset" || type === "note", ticksOf: null };
  const waiting = useResource<Page<Changeset>>("changesets?state=awaiting-approval&limit=100", options);
  const envelopes = useResource<Page<EnvelopeProposal>>("envelopes", options);
  const lately = useResource<Page<Changeset>>("changesets?limit=50", options);
  return (
    <>
      <h1>Waiting for approval</h1>
      <Loaded resource={waiting} what="what waits">
        {({ items }) =>
          items.length === 0 ? (
            <p class="hint">No change waits.</p>
          ) : (
            <ChangesetTable changesets={items} caption="Changesets that wait for approval" />
          )
        }
      </Loaded>
      <h2>Envelopes</h2>
      <Loaded resource={envelopes} what="the envelopes">
        {({ items }) =>
          items.length === 0 ? (
            <p class="hint">No envelope waits.</p>
          ) : (
            <ul class="plain">
              {items.map(({ id, stack, workloads, at }) => (
                <li key={id}>
                  <a class="id" href={href("envelopes", id)}>
                    {id}
                  </a>{" "}
                  for {workloads.join(", ")} on {stack}, proposed <Instant at={at} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <h2>Lately</h2>
      <Loaded resource={lately} what="the changesets">
        {({ items }) =>
          items.length === 0 ? (
            <p class="hint">No changesets yet.</p>
          ) : (
            <ChangesetTable changesets={items} caption="Changesets of late" />
          )
        }
      </Loaded>
    </>
  );
}
