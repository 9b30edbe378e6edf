import { useMemo, useState } from "preact/hooks";
import type { ForecastView, PlanView, SeriesForecastView, WorkloadView } from "../../engine/api/engine-control.port.ts";
import type { HoldSpan } from "../../engine/api/past-holds.ts";
import type { Alert } from "../../engine/feedback/alert.ts";
import type { Quarantine } from "../../engine/feedback/quarantine.ts";
import type { Capacity } from "../../model/capacity.ts";
import type { Changeset } from "../../model/changeset.ts";
import { SERIES, type SeriesName } from "../../model/dimension.ts";
import { type Palette, usePalette } from "../charts/palette.ts";
import { ReplicaChart } from "../charts/replica-chart.tsx";
import { SeriesChart } from "../charts/series-chart.tsx";
import { href } from "../client/route.ts";
import type { Resource } from "../client/use-resource.ts";
import { Instant } from "../components/instant.tsx";
import { Loaded } from "../components/loaded.tsx";
import { capacityCourse, courseInstants } from "../domain/capacity-course.ts";
import { chartLines, replicaLines } from "../domain/chart-lines.ts";
import { MARK_SHAPES, type Mark, marksOf } from "../domain/marks.ts";
import { percent, quantity } from "../format/quantity.ts";
import { PlanTable } from "./plan-table.tsx";

const SPANS = [1, 3, 12, 24, 48] as const;
const NONE: Capacity = { owns: "desired", replicas: { count: 0 }, plan: [], perReplica: {}, storage: {}, network: {} };

/** Every dimension over one time axis, with what was done, what was unusual, and what is planned. */
export function WorkloadCharts({
  view,
  forecast,
  plan,
  changesets,
  alerts,
  quarantines,
  holds,
}: {
  readonly view: WorkloadView;
  readonly forecast: ForecastView;
  readonly plan: Resource<PlanView>;
  readonly changesets: readonly Changeset[];
  readonly alerts: readonly Alert[];
  readonly quarantines: readonly Quarantine[];
  readonly holds: readonly HoldSpan[];
}) {
  const palette = usePalette();
  const [hours, setHours] = useState<number>();
  const issued = SERIES.flatMap((name) => forecast.series[name] ?? []);
  // By the engine's clock: the reader's may differ.
  const now = view.at ?? Math.max(0, ...issued.map(({ issuedAt }) => issuedAt));
  const marks = useMemo(
    () => marksOf({ workload: view.name, changesets, alerts, quarantines, holds, events: forecast.events }, now),
    [view.name, changesets, alerts, quarantines, holds, forecast, now],
  );
  const range = shownRange(issued, forecast.step, now, hours);
  const capacity = plan.data?.capacity ?? NONE;
  const course = useMemo(() => capacityCourse(changesets, capacity, now), [changesets, capacity, now]);
  const instants = useMemo(() => courseInstants(changesets, capacity, now), [changesets, capacity, now]);
  const names = SERIES.filter((name) => forecast.series[name] !== undefined || view.series[name] !== undefined);
  const shared = { marks, now, range, palette };
  return (
    <section aria-labelledby="ahead" class="panel">
      <div class="title">
        <h2 id="ahead">Past and forecast</h2>
        <fieldset class="chips">
          <legend class="hidden">How much is shown</legend>
          {SPANS.map((span) => (
            <button
              type="button"
              class="chip"
              key={span}
              aria-pressed={hours === span}
              onClick={() => setHours(hours === span ? undefined : span)}
            >
              ± {span} h
            </button>
          ))}
        </fieldset>
        <Legend />
      </div>
      {names.length === 0 && <p class="hint">Nothing was measured yet.</p>}
      {names.map((name) => (
        <Dimension
          key={name}
          name={name}
          view={view}
          forecast={forecast}
          capacity={capacity}
          course={course}
          instants={instants}
          {...shared}
        />
      ))}
      <Loaded resource={plan} what="the plan">
        {(data) => (
          <>
            <Replicas
              plan={data}
              issued={issued}
              step={forecast.step}
              course={course}
              instants={instants}
              {...shared}
            />
            <PlanTable plan={data} now={now} />
          </>
        )}
      </Loaded>
      <MarkList marks={marks.filter(({ from, to }) => (to ?? from) >= range[0] && from <= range[1])} />
    </section>
  );
}

interface Shared {
  readonly marks: readonly Mark[];
  readonly now: number;
  readonly range: readonly [number, number];
  readonly palette: Palette;
  readonly course: (at: number) => number;
  readonly instants: readonly number[];
}

function Dimension({
  name,
  view,
  forecast,
  capacity,
  course,
  instants,
  ...rest
}: Shared & {
  readonly name: SeriesName;
  readonly view: WorkloadView;
  readonly forecast: ForecastView;
  readonly capacity: Capacity;
}) {
  const { now } = rest;
  const [one, past, { ready }] = [view.series[name], forecast.series[name], view];
  const lines = useMemo(
    () =>
      chartLines({
        series: name,
        forecast: past,
        view: one,
        step: forecast.step,
        ready,
        capacity,
        course,
        instants,
        now,
      }),
    [name, past, one, forecast.step, ready, capacity, course, instants, now],
  );
  const present = `${quantity(name, one?.usage)} used, ${quantity(name, one?.demand)} asked for`;
  const ahead = `${quantity(name, one?.forecast)} expected, ${quantity(name, one?.upper)} decides, ${quantity(name, one?.capacity)} carried at target`;
  return (
    <div class="dimension">
      <h3>{name}</h3>
      <p class="numbers">
        <b>{present}</b>; at the lead time {ahead}
        {one?.missing && <span class="bad"> — not measured: {one.missing}</span>}
      </p>
      <SeriesChart series={name} lines={lines} description={`${name}: ${present}; ${ahead}`} {...rest} />
      {past && <Evidence forecast={past} />}
    </div>
  );
}

/** Whether a forecast may be relied on, and by what it is judged. */
function Evidence({ forecast }: { readonly forecast: SeriesForecastView }) {
  const { model, fallbackFrom, trusted, evidence, skill, samples, coverage } = forecast;
  const covered = Object.entries(coverage)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([level, share]) => `${percent(Number(level))} → ${percent(share)}`);
  return (
    <p class="numbers">
      <span class={`badge ${trusted ? "trusted" : "learning"}`}>{trusted ? "● trusted" : "○ not trusted"}</span> {model}
      {fallbackFrom && ` in place of ${fallbackFrom}`}: {evidence}. Skill over seasonal naive {percent(skill)}
      {covered.length > 0 && <>, coverage (claimed → measured) {covered.join(", ")}</>}, {samples.toLocaleString("en")}{" "}
      forecasts judged.
    </p>
  );
}

function Replicas({
  plan,
  issued,
  step,
  ...shared
}: Shared & { readonly plan: PlanView; readonly issued: readonly SeriesForecastView[]; readonly step: number }) {
  const { course, instants, now, range } = shared;
  const x = useMemo(() => {
    const steps = [...instants, ...plan.proposed.map(({ at }) => at)].filter((at) => at > range[0] && at < range[1]);
    return [...new Set([range[0], now, range[1], ...steps])].sort((a, b) => a - b);
  }, [instants, plan, now, range[0], range[1]]);
  const lines = useMemo(() => replicaLines({ x, course, now }, plan.capacity, plan.proposed), [x, course, now, plan]);
  return (
    <div class="dimension">
      <h3>replicas</h3>
      <p class="numbers">
        <b>{course(now)} asked for now</b>; {stepsText(plan.inForce.length)} in force, {stepsText(plan.proposed.length)}{" "}
        would be published now
      </p>
      <ReplicaChart
        x={x}
        {...lines}
        {...shared}
        description={`replicas: ${course(now)} asked for now; plan of ${plan.inForce.length} steps in force, listed below`}
      />
    </div>
  );
}

function stepsText(count: number): string {
  return count === 0 ? "no steps" : `${count} step${count === 1 ? "" : "s"}`;
}

function Legend() {
  return (
    <p class="legend" aria-hidden="true">
      {(Object.keys(MARK_SHAPES) as (keyof typeof MARK_SHAPES)[]).map((kind) => (
        <span key={kind} class={`mark ${kind}`}>
          {MARK_SHAPES[kind]} {kind}
        </span>
      ))}
    </p>
  );
}

/** The marks in words. */
function MarkList({ marks }: { readonly marks: readonly Mark[] }) {
  if (marks.length === 0) return null;
  return (
    <details open={marks.length <= 12}>
      <summary>Marks on this axis ({marks.length})</summary>
      <ul class="plain marks">
        {marks.toReversed().map(({ kind, from, to, text, changeset }) => (
          <li key={`${kind} ${from} ${text}`}>
            <span class={`mark ${kind}`}>
              <span aria-hidden="true">{MARK_SHAPES[kind]}</span> {kind}
            </span>{" "}
            <Instant at={from} />
            {to !== undefined && (
              <>
                –<Instant at={to} />
              </>
            )}{" "}
            {changeset ? <a href={href("changesets", changeset)}>{text}</a> : text}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** All that there is, or so many hours around now. */
function shownRange(
  issued: readonly SeriesForecastView[],
  step: number,
  now: number,
  hours: number | undefined,
): readonly [number, number] {
  const longest = Math.max(1, ...issued.map(({ history }) => history.length));
  const last = Math.max(now + step, ...issued.flatMap(({ points }) => points.at(-1)?.at ?? now));
  if (hours !== undefined) return [now - hours * 3600, Math.min(last, now + hours * 3600)];
  // The past beyond what is looked ahead twice makes the future too narrow to read.
  return [Math.max(now - longest * step, now - 2 * Math.max(last - now, 3600)), last];
}
