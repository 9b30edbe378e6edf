import { useState } from "preact/hooks";
import type { Verification } from "../../engine/ledger/verify-ledger.ts";
import type { LedgerEntry } from "../../engine/orchestrator/change/ledger.port.ts";
import { href } from "../client/route.ts";
import { useResource } from "../client/use-resource.ts";
import { replaceRoute } from "../client/use-route.ts";
import { Instant } from "../components/instant.tsx";
import { Loaded } from "../components/loaded.tsx";
import { PagedList } from "../components/paged-list.tsx";
import { FileText } from "../components/scroll.tsx";
import { Headings, Table } from "../components/table.tsx";

const PAGE = 50;
const FILTERS = [
  ["kind", "Kind"],
  ["workload", "Workload"],
  ["changeset", "Changeset"],
] as const;

/** The record, the newest first. */
export function LedgerPage({ query }: { readonly query: URLSearchParams }) {
  const chosen = Object.fromEntries(FILTERS.map(([name]) => [name, query.get(name) ?? ""]));
  const given = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== ""));
  return (
    <>
      <div class="title">
        <h1>Ledger</h1>
        <a href="api/v1/ledger/export" download>
          Export (NDJSON)
        </a>
      </div>
      <VerificationPanel />
      <search class="filters">
        {FILTERS.map(([name, label]) => (
          <label key={name}>
            {label}
            <input
              value={chosen[name]}
              maxLength={200}
              onChange={({ currentTarget: { value } }) =>
                replaceRoute(href("ledger", undefined, { ...chosen, [name]: value.trim() }))
              }
            />
          </label>
        ))}
      </search>
      <PagedList<LedgerEntry>
        path="ledger"
        query={{ newest: "true", ...given }}
        size={PAGE}
        what="the ledger"
        noun="entry"
        fresh={{ after: ({ type }) => type === "changeset" || type === "note", ticksOf: null, pace: 5000 }}
      >
        {(items) => <Entries entries={items} />}
      </PagedList>
    </>
  );
}

function Entries({ entries }: { readonly entries: readonly LedgerEntry[] }) {
  if (entries.length === 0) return <p class="hint">No entry fits.</p>;
  return (
    <Table
      label="Entries"
      caption="Entries of the ledger"
      headings={<Headings titles={["#", "When", "Kind", "Workload", "Changeset", "What", "Hash"]} />}
    >
      {entries.map(({ sequence, at, kind, workload, changeset, body, hash }) => (
        <tr key={sequence}>
          <td class="number">{sequence}</td>
          <td>
            <Instant at={at} />
          </td>
          <td>{kind}</td>
          <td>{workload && workload !== "*" ? <a href={href("workloads", workload)}>{workload}</a> : workload}</td>
          <td>
            {changeset && (
              <a class="id" href={href("changesets", changeset)}>
                {changeset}
              </a>
            )}
          </td>
          <td class="body">
            <Body body={body} />
          </td>
          <td class="id" title={hash}>
            {hash.slice(0, 8)}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Body({ body }: { readonly body: LedgerEntry["body"] }) {
  const text = JSON.stringify(body);
  if (text.length <= 80) return <code>{text}</code>;
  return (
    <details>
      <summary class="cut">
        <code>{text}</code>
      </summary>
      <FileText label="The whole entry" text={JSON.stringify(body, null, 2)} />
    </details>
  );
}

/** Checks the whole chain when somebody asks for it: it is work for the engine. */
function VerificationPanel() {
  const [asked, setAsked] = useState(false);
  const result = useResource<Verification>(asked ? "ledger/verification" : undefined);
  return (
    <section class="panel" aria-label="Verification">
      <button type="button" disabled={result.loading} onClick={asked ? result.reload : () => setAsked(true)}>
        {result.loading ? "Verifying …" : "Verify the chain"}
      </button>{" "}
      {asked && (
        <Loaded resource={result} what="the verification">
          {({ valid, entries, tail, unproven, anchoredTo, problems }) => (
            <>
              <span class={`badge ${valid ? "trusted" : "anomaly"}`} role="status">
                {valid ? "● valid" : "▲ broken"}
              </span>{" "}
              {entries.toLocaleString("en")} read; its end is {tail}, anchored to {anchoredTo.toLocaleString("en")}
              {unproven > 0 && `, ${unproven.toLocaleString("en")} after that`}.
              {problems.length > 0 && (
                <ul>
                  {problems.map(({ sequence, kind, text }) => (
                    <li key={`${sequence} ${kind}`} class="bad">
                      {sequence}: {kind}: {text}
                    </li>
                  ))}
                </ul>
              )}
            </>
          )}
        </Loaded>
      )}
    </section>
  );
}
