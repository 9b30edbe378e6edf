import type { LoadCostView } from "../../engine/api/engine-control.port.ts";
import type { Alert } from "../../engine/feedback/alert.ts";
import type { Reason } from "../../model/reason.ts";
import { Instant } from "../components/instant.tsx";
import { quantity, quantityOf } from "../format/quantity.ts";

/** What drives growth: programs and threads, what a unit of load costs, processes behind what is unusual. */
export function WorkloadDrivers({
  workload,
  reasons,
  alerts,
  load,
}: {
  readonly workload: string;
  readonly reasons: readonly Reason[];
  readonly alerts: readonly Alert[];
  readonly load: readonly LoadCostView[];
}) {
  const drivers = reasons.filter(({ kind }) => kind === "driver");
  const open = alerts.filter((alert) => alert.workload === workload && alert.resolvedAt === undefined);
  return (
    <section aria-labelledby="drivers" class="panel">
      <h2 id="drivers">What drives it</h2>
      {drivers.length + load.length + open.length === 0 && (
        <p class="hint">Nothing grows, nothing is unusual, and no load signal explains demand yet.</p>
      )}
      <ul>
        {drivers.map(({ text }) => (
          <li key={text}>{text}</li>
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
    </section>
  );
}
