import type { UsersView } from "../../engine/api/api-engine.port.ts";
import type { LoadCostView } from "../../engine/api/engine-control.port.ts";
import type { Alert } from "../../engine/feedback/alert.ts";
import type { Changeset } from "../../model/changeset.ts";
import { SERIES } from "../../model/dimension.ts";
import { href } from "../client/route.ts";
import { Instant } from "../components/instant.tsx";
import { Headings, Table } from "../components/table.tsx";
import { counted, percent, quantity, quantityOf } from "../format/quantity.ts";

/** What drives growth: programs and threads, what a unit of load costs, processes behind what is unusual. */
export function WorkloadDrivers({
  workload,
  alerts,
  load,
  users,
  changesets,
}: {
  readonly workload: string;
  readonly alerts: readonly Alert[];
  readonly load: readonly LoadCostView[];
  readonly users: UsersView | undefined;
  readonly changesets: readonly Changeset[];
}) {
  const grown = lastGrowth(changesets);
  const open = alerts.filter((alert) => alert.workload === workload && alert.resolvedAt === undefined);
  return (
    <section aria-labelledby="drivers" class="panel">
      <h2 id="drivers">What drives it</h2>
      {load.length + open.length === 0 && grown === undefined && (
        <p class="hint">Nothing has grown, nothing is unusual, and no load signal explains demand yet.</p>
      )}
      <ul>
        {grown?.reasons
          .filter(({ kind }) => kind === "driver")
          .map(({ text }) => (
            <li key={text}>
              Behind <a href={href("changesets", grown.id)}>the growth</a> of <Instant at={grown.createdAt} />: {text}
            </li>
          ))}
        {load.map(({ series, signal, perLoad, perReplica, identified, error, change }) => (
          <li key={`${series} ${signal}`}>
            {quantity(series, perLoad)} of {series} per unit of {signal}, {quantity(series, perReplica)} per replica
            {identified ? "" : " (the two cannot be told apart yet)"}, error {(error * 100).toFixed(0)} %
            {change && `; changed × ${change.factor.toFixed(2)} ${change.ticksAgo} ticks ago`}
          </li>
        ))}
        {open.map((alert) => (
          <li key={alert.id}>
            <span class="badge anomaly">
              <span aria-hidden="true">▲</span> {alert.subject}
            </span>{" "}
            {alert.text} (since <Instant at={alert.openedAt} />)
            {alert.movers.length > 0 && (
              <ul>
                {alert.movers.map(({ host, pid, executable, function: inside, before, now }) => (
                  <li key={`${host} ${pid}`}>
                    {executable} ({host}, pid {pid}): {quantityOf(alert.subject, before)} →{" "}
                    {quantityOf(alert.subject, now)}
                    {inside !== undefined && `, in the function ${inside}`}
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
      {users !== undefined && <Users users={users} />}
    </section>
  );
}

/** The newest change that a program stood behind. */
function lastGrowth(changesets: readonly Changeset[]): Changeset | undefined {
  return changesets
    .toSorted((a, b) => b.createdAt - a.createdAt)
    .find(({ reasons }) => reasons.some(({ kind }) => kind === "driver"));
}

/** Who uses what now, by program and thread. */
function Users({ users: { series } }: { readonly users: UsersView }) {
  const names = SERIES.filter((name) => series[name] !== undefined);
  if (names.length === 0) return <p class="hint">No process was measured yet.</p>;
  return (
    <Table label="Who uses what now" headings={<Headings titles={["Series", "Program", "Uses", "Threads"]} />}>
      {names.flatMap((name) =>
        series[name]!.map(({ name: program, processes, value, share, threads }) => (
          <tr key={`${name} ${program}`}>
            <td>{name}</td>
            <td>
              {program} ({counted(processes, "process")})
            </td>
            <td>
              {quantity(name, value)}, {percent(share)}
            </td>
            <td>{threads.map((thread) => `${thread.name} ${percent(thread.share)}`).join(", ")}</td>
          </tr>
        )),
      )}
    </Table>
  );
}
