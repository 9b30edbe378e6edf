import { useEffect, useRef, useState } from "preact/hooks";
import type { EngineStatus, FleetRow } from "../client/contract.ts";
import { href } from "../client/route.ts";
import { replaceRoute } from "../client/use-route.ts";
import { Instant } from "../components/instant.tsx";
import { PagedList } from "../components/paged-list.tsx";
import { StateBadges } from "../components/state-badges.tsx";
import { Table } from "../components/table.tsx";
import { STATE_LOOKS, WORKLOAD_STATES } from "../domain/workload-states.ts";
import { FleetReport } from "./fleet-report.tsx";

const PAGE = 100;
const COLUMNS = [
  { title: "Workload", sort: "name" },
  { title: "State", sort: "state" },
  { title: "Ready", sort: "ready", number: true },
  { title: "Asked", number: true },
  { title: "Need", sort: "need", number: true },
  { title: "Target", number: true },
  { title: "Mode" },
  { title: "Stack" },
  { title: "Measured", sort: "at" },
] as const;
type Column = { readonly title: string; readonly sort?: string; readonly number?: boolean };

/** All workloads: searched, sorted and filtered by the engine, a page at a time. */
export function FleetPage({
  query,
  status,
}: {
  readonly query: URLSearchParams;
  readonly status: EngineStatus | undefined;
}) {
  const [search, state, sort, order] = ["search", "state", "sort", "order"].map((name) => query.get(name) ?? "");
  const asked = {
    sort: sort || "name",
    order: order || "asc",
    ...(search && { search }),
    ...(state && { state }),
  };
  const go = (change: Record<string, string>) =>
    replaceRoute(href("", undefined, { search, state, sort, order, ...change }));
  return (
    <>
      <h1>Fleet</h1>
      <search class="filters">
        <Search value={search} onChange={(text) => go({ search: text })} />
        <fieldset class="chips">
          <legend class="hidden">Show only workloads that are</legend>
          <Chip label="all" count={status?.counts.workloads} on={state === ""} onClick={() => go({ state: "" })} />
          {WORKLOAD_STATES.map((name) => (
            <Chip
              key={name}
              kind={name}
              label={`${STATE_LOOKS[name].shape} ${STATE_LOOKS[name].word}`}
              count={status?.counts[name]}
              on={state === name}
              onClick={() => go({ state: state === name ? "" : name })}
            />
          ))}
        </fieldset>
      </search>
      <PagedList<FleetRow>
        path="workloads"
        query={asked}
        size={PAGE}
        what="the workloads"
        noun="workload"
        fresh={{ after: ({ type }) => type !== "note", pace: 5000 }}
        below={<FleetReport />}
      >
        {(items) => (
          <>
            <Table
              label="Workloads"
              kind="fleet"
              headings={COLUMNS.map((column: Column) => (
                <Heading key={column.title} {...column} by={sort || "name"} order={order} onSort={go} />
              ))}
            >
              {items.map((row) => (
                <Row key={row.name} row={row} />
              ))}
            </Table>
            {items.length === 0 && (
              <p class="hint">No workload {search || state ? "fits" : "is in the project file"}.</p>
            )}
          </>
        )}
      </PagedList>
    </>
  );
}

function Row({ row }: { readonly row: FleetRow }) {
  const { name, states, asked, ready, reporting, need, target, mode, stack, at, changeset, short } = row;
  return (
    <tr class={ready < need ? "violated" : undefined}>
      <th scope="row">
        <a href={href("workloads", name)}>{name}</a>
      </th>
      <td>
        <StateBadges states={states} />
        {changeset && (
          <>
            {" "}
            <a class="id" href={href("changesets", changeset)}>
              {changeset}
            </a>
          </>
        )}
        {short && <span class="short-text">{short}</span>}
      </td>
      <td class="number" title={`${reporting} report`}>
        {ready}
      </td>
      <td class="number">{asked}</td>
      <td class="number">{need}</td>
      <td class="number">
        {target}
        {target !== asked && <span class={target > asked ? "up" : "down"}>{target > asked ? " ▲" : " ▼"}</span>}
      </td>
      <td>{mode}</td>
      <td>{stack}</td>
      <td>
        <Instant at={at} ago />
      </td>
    </tr>
  );
}

function Heading({
  title,
  sort,
  number,
  by,
  order,
  onSort,
}: Column & {
  readonly by: string;
  readonly order: string;
  readonly onSort: (change: Record<string, string>) => void;
}) {
  const current = sort !== undefined && sort === by;
  const direction = order === "desc" ? "descending" : "ascending";
  return (
    <th scope="col" class={number ? "number" : undefined} aria-sort={current ? direction : undefined}>
      {sort === undefined ? (
        title
      ) : (
        <button
          type="button"
          class="sort"
          onClick={() => onSort({ sort, order: current && order !== "desc" ? "desc" : "asc" })}
        >
          {title}
          <span aria-hidden="true">{current ? (order === "desc" ? " ▾" : " ▴") : ""}</span>
        </button>
      )}
    </th>
  );
}

function Chip({
  label,
  kind,
  count,
  on,
  onClick,
}: {
  readonly label: string;
  readonly kind?: string;
  readonly count: number | undefined;
  readonly on: boolean;
  readonly onClick: () => void;
}) {
  return (
    <button type="button" class={`chip ${kind ?? ""}`} aria-pressed={on} onClick={onClick}>
      {label}
      {count !== undefined && <b>{count.toLocaleString("en")}</b>}
    </button>
  );
}

/** Asks the engine when the typing pauses. */
function Search({ value, onChange }: { readonly value: string; readonly onChange: (text: string) => void }) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <input
      type="search"
      aria-label="Search workloads"
      placeholder="Search workloads"
      maxLength={100}
      value={text}
      onInput={({ currentTarget }) => {
        setText(currentTarget.value);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => onChange(currentTarget.value.trim()), 200);
      }}
    />
  );
}
