import type { Changeset } from "../../model/changeset.ts";
import { FORECAST_PARTS, type ForecastParts } from "../../model/forecast-parts.ts";
import { Instant } from "../components/instant.tsx";
import { Figure } from "../components/report-figures.tsx";
import { Headings, Table } from "../components/table.tsx";
import { percent, quantityOf } from "../format/quantity.ts";
import { span } from "../format/time.ts";

const PARTS = [
  ...FORECAST_PARTS,
  ["= forecast", "point"],
  ["+ margin", "margin"],
  ["= decides", "quantile"],
] as const satisfies readonly (readonly [string, keyof ForecastParts])[];

/** What a decision rested on: models, their worth, and what the deciding number is made of. */
export function ChangesetEvidence({ changeset: { evidence } }: { readonly changeset: Changeset }) {
  if (evidence === undefined) return null;
  const { models, inputDigest, decidedAt, node, version } = evidence;
  return (
    <section aria-labelledby="evidence" class="panel">
      <h2 id="evidence">Forecast evidence</h2>
      <Table
        label="Forecast evidence"
        caption="Forecasts and what their deciding number is made of"
        headings={
          <Headings titles={["Series", "Model", "Trusted", "Skill", "For", ...PARTS.map(([title]) => title)]} />
        }
      >
        {models.map(({ series, model, trusted, skill, fallbackFrom, parts }) => (
          <tr key={series}>
            <th scope="row">{series}</th>
            <td title={fallbackFrom && `in place of ${fallbackFrom}`}>{model}</td>
            <td>{trusted ? "● yes" : "○ no"}</td>
            <td class="number">{percent(skill)}</td>
            <td>{parts && <Instant at={parts.at} />}</td>
            {PARTS.map(([title, key]) => (
              <td key={title} class="number">
                {parts && quantityOf(series, parts[key])}
              </td>
            ))}
          </tr>
        ))}
      </Table>
      <p class="hint">
        Decided <Instant at={decidedAt} /> on input <span class="id">{inputDigest.slice(0, 16)}</span>, version{" "}
        {version}, Node {node}. It can be recomputed with <code>foreshadow replay</code>.
      </p>
    </section>
  );
}

/** How it went: who asked and approved, what was committed, how long each step took. */
export function ChangesetCourse({ changeset }: { readonly changeset: Changeset }) {
  const { createdAt, updatedAt, requestedBy, editedBy, approvedBy, envelope, commit, timings, leadTime, ready } =
    changeset;
  return (
    <section aria-labelledby="course" class="panel">
      <h2 id="course">Approval and course</h2>
      <dl class="facts">
        <dt>Proposed</dt>
        <dd>
          <Instant at={createdAt} /> by {requestedBy ?? "the engine"}
          {editedBy && `, numbers by ${editedBy}`}
        </dd>
        <dt>Approved</dt>
        <dd>
          {approvedBy === undefined ? "not yet" : `by ${approvedBy}`}
          {envelope && (
            <>
              : {envelope.path} at <span class="id">{envelope.commit.slice(0, 12)}</span>, floors{" "}
              {envelope.floors.least} to {envelope.floors.greatest} inside {envelope.approved.least} to{" "}
              {envelope.approved.greatest}, until <Instant at={envelope.until} />
            </>
          )}
        </dd>
        <dt>Last step</dt>
        <dd>
          <Instant at={updatedAt} />
        </dd>
        {commit && (
          <>
            <dt>Commit</dt>
            <dd class="id">{commit}</dd>
          </>
        )}
      </dl>
      {(timings || leadTime !== undefined) && (
        <dl class="figures">
          {Object.entries(timings ?? {}).map(([step, seconds]) => (
            <Figure key={step} name={step} value={`${seconds.toFixed(1)} s`} />
          ))}
          {leadTime !== undefined && <Figure name="ready after" value={span(leadTime)} />}
          {ready !== undefined && <Figure name="ready replicas" value={ready} />}
        </dl>
      )}
    </section>
  );
}
