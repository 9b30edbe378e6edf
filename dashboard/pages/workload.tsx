import { useEffect, useState } from "preact/hooks";
import type { UsersView } from "../../engine/api/api-engine.port.ts";
import type { ForecastView, PlanView } from "../../engine/api/engine-control.port.ts";
import type { HoldSpan } from "../../engine/api/past-holds.ts";
import type { Alert } from "../../engine/feedback/alert.ts";
import type { Quarantine } from "../../engine/feedback/quarantine.ts";
import type { Changeset } from "../../model/changeset.ts";
import type { Holds, OneWorkload, Page } from "../client/contract.ts";
import { href } from "../client/route.ts";
import { type Resource, useResource } from "../client/use-resource.ts";
import { ChangesetTable } from "../components/changeset-table.tsx";
import { HoldsDialog } from "../components/holds-dialog.tsx";
import { Instant } from "../components/instant.tsx";
import { Loaded } from "../components/loaded.tsx";
import { QuarantineDialog } from "../components/quarantine-dialog.tsx";
import { Reasons } from "../components/reasons.tsx";
import { Figure } from "../components/report-figures.tsx";
import { StateBadges } from "../components/state-badges.tsx";
import { WorkloadCharts } from "./workload-charts.tsx";
import { WorkloadDrivers } from "./workload-drivers.tsx";
import { WorkloadReport } from "./workload-report.tsx";

/** One workload: where it stands and why, what was and is expected of it, what was done and is planned. */
export function WorkloadPage({ name, holds }: { readonly name: string; readonly holds: Resource<Holds> }) {
  const path = `workloads/${encodeURIComponent(name)}`;
  const ticks = { after: ({ type }: { type: string }) => type === "tick" || type === "changeset", ticksOf: name };
  const view = useResource<OneWorkload>(path, ticks);
  const users = useResource<UsersView>(`${path}/users`, { ...ticks, pace: 20_000 });
  const past = useResource<Page<HoldSpan>>(`${path}/holds`, { after: () => false, ticksOf: null });
  const held = JSON.stringify([view.data?.frozen, view.data?.pin]);
  // A hold that comes or goes is one of the past then, too.
  useEffect(() => past.reload(), [held]);
  const forecast = useResource<ForecastView>(`${path}/forecast`, { ...ticks, pace: 20_000 });
  const plan = useResource<PlanView>(`${path}/plan`, { ...ticks, pace: 20_000 });
  const changesets = useResource<Page<Changeset>>(`${path}/changesets`, {
    after: (event) => event.type === "changeset" && event.changeset.workload === name,
    ticksOf: name,
  });
  const quarantines = useResource<Page<Quarantine>>(`${path}/quarantines`, {
    after: ({ type }) => type === "alert" || type === "note",
    ticksOf: name,
  });
  const alerts = useResource<Page<Alert>>("alerts", {
    after: (event) => event.type === "alert" && (event.workload === undefined || event.workload === name),
    ticksOf: name,
  });
  return (
    <>
      <p class="crumbs">
        <a href={href("")}>Fleet</a> / <span>{name}</span>
      </p>
      <Loaded resource={view} what={name}>
        {(found) => (
          <>
            <Head view={found} holds={holds} quarantines={quarantines} />
            <div class="columns">
              <section aria-labelledby="why" class="panel">
                <h2 id="why">Why</h2>
                {found.short && <p class="problem">Short: {found.short}</p>}
                <Reasons reasons={found.reasons.filter(({ kind }) => kind !== "driver")} />
              </section>
              <WorkloadDrivers
                workload={name}
                alerts={alerts.data?.items ?? []}
                load={forecast.data?.load ?? []}
                users={users.data}
                changesets={changesets.data?.items ?? []}
              />
            </div>
            <Loaded resource={forecast} what="the forecast">
              {(data) => (
                <WorkloadCharts
                  view={found}
                  forecast={data}
                  plan={plan}
                  changesets={changesets.data?.items ?? []}
                  alerts={alerts.data?.items ?? []}
                  quarantines={quarantines.data?.items ?? []}
                  holds={past.data?.items ?? []}
                />
              )}
            </Loaded>
          </>
        )}
      </Loaded>
      <section aria-labelledby="actions" class="panel">
        <h2 id="actions">Actions</h2>
        <Loaded resource={changesets} what="the actions">
          {({ items }) =>
            items.length === 0 ? (
              <p class="hint">Nothing was proposed yet.</p>
            ) : (
              <>
                <ChangesetTable changesets={items} caption={`Changesets of ${name}`} />
                <WhyEach changesets={items} />
              </>
            )
          }
        </Loaded>
      </section>
      <WorkloadReport workload={name} />
    </>
  );
}

function Head({
  view,
  holds,
  quarantines,
}: {
  readonly view: OneWorkload;
  readonly holds: Resource<Holds>;
  readonly quarantines: Resource<Page<Quarantine>>;
}) {
  const [open, setOpen] = useState<"holds" | "quarantines">();
  const close = () => setOpen(undefined);
  const { name, mode, at, asked, ready, reporting, need, target, changeset, frozen, pin } = view;
  return (
    <>
      <div class="title">
        <h1>{name}</h1>
        <StateBadges states={view.states} />
        <button type="button" onClick={() => setOpen("holds")}>
          Freeze or pin …
        </button>
        <button type="button" onClick={() => setOpen("quarantines")}>
          Quarantine …
        </button>
        {open === "holds" && <HoldsDialog workload={name} holds={holds} onClose={close} />}
        {open === "quarantines" && <QuarantineDialog workload={name} quarantines={quarantines} onClose={close} />}
      </div>
      <dl class="figures">
        <Figure name="Ready" value={`${ready} of ${asked}`} />
        <Figure name="Need now" value={need} />
        <Figure name="Target" value={target} />
        <Figure name="Reporting" value={reporting} />
        <Figure name="Mode" value={mode} />
        <div>
          <dt>Measured</dt>
          <dd>
            <Instant at={at} />
          </dd>
        </div>
        {changeset && (
          <div>
            <dt>Change on its way</dt>
            <dd>
              <a class="id" href={href("changesets", changeset)}>
                {changeset}
              </a>
            </dd>
          </div>
        )}
      </dl>
      {(frozen || pin) && (
        <p class="held">
          {frozen && (
            <>
              ■ Frozen by {frozen.by} since <Instant at={frozen.since} />
              {frozen.reason && `: ${frozen.reason}`}.{" "}
            </>
          )}
          {pin && (
            <>
              ■ Pinned by {pin.by} to {pin.min !== undefined && `at least ${pin.min} `}
              {pin.max !== undefined && `at most ${pin.max} `}until <Instant at={pin.until} />.
            </>
          )}
        </p>
      )}
    </>
  );
}

/** The reasons of each action, to be unfolded. */
function WhyEach({ changesets }: { readonly changesets: readonly Changeset[] }) {
  return (
    <>
      {changesets
        .toSorted((a, b) => b.createdAt - a.createdAt)
        .slice(0, 20)
        .map(({ id, reasons, createdAt }) => (
          <details key={id}>
            <summary>
              Why <span class="id">{id}</span> at <Instant at={createdAt} />
            </summary>
            <Reasons reasons={reasons} />
          </details>
        ))}
    </>
  );
}
