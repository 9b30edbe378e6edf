import type { PlanView } from "../../engine/api/engine-control.port.ts";
import type { PlanStep } from "../../model/capacity.ts";
import { Instant } from "../components/instant.tsx";
import { Table } from "../components/table.tsx";
import { type PlanRow, planRows } from "../domain/plan-rows.ts";

/** The plan ahead in words: steps in force, and what the present forecast would make of them. */
export function PlanTable({ plan, now }: { readonly plan: PlanView; readonly now: number }) {
  const ahead = (steps: readonly PlanStep[]) => steps.filter(({ at }) => at > now);
  const rows = planRows(ahead(plan.inForce), ahead(plan.proposed));
  if (rows.length === 0) return <p class="hint">No plan ahead: present demand and forecast decide tick by tick.</p>;
  return (
    <details>
      <summary>Plan ahead ({rows.length})</summary>
      <Table
        label="Plan ahead"
        kind="narrow"
        headings={
          <>
            <th scope="col">From</th>
            <th scope="col" class="number">
              In force
            </th>
            <th scope="col" class="number">
              Would be planned
            </th>
          </>
        }
      >
        {rows.map((row) => (
          <Row key={row.at} {...row} />
        ))}
      </Table>
    </details>
  );
}

function Row({ at, inForce, proposed }: PlanRow) {
  return (
    <tr>
      <td>
        <Instant at={at} />
      </td>
      <td class="number">{inForce ?? ""}</td>
      <td class="number">{proposed ?? ""}</td>
    </tr>
  );
}
