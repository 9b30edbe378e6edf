import type { Changeset } from "../../model/changeset.ts";
import { href } from "../client/route.ts";
import { effect } from "../domain/verdict.ts";
import { Instant } from "./instant.tsx";
import { ChangesetBadge } from "./state-badges.tsx";
import { Headings, Table } from "./table.tsx";

/** Changesets, a line each, the newest first. */
export function ChangesetTable({
  changesets,
  caption,
}: {
  readonly changesets: readonly Changeset[];
  readonly caption: string;
}) {
  return (
    <Table label={caption} headings={<Headings titles={["When", "Workload", "What", "State", "Changeset"]} />}>
      {changesets
        .toSorted((a, b) => b.createdAt - a.createdAt)
        .map((changeset) => (
          <tr key={changeset.id}>
            <td>
              <Instant at={changeset.createdAt} />
            </td>
            <td>
              <a href={href("workloads", changeset.workload)}>{changeset.workload}</a>
            </td>
            <td class="what">{effect(changeset)}</td>
            <td>
              <ChangesetBadge state={changeset.state} />
            </td>
            <td>
              <a class="id" href={href("changesets", changeset.id)}>
                {changeset.id}
              </a>
            </td>
          </tr>
        ))}
    </Table>
  );
}
