import type { PropertyChange } from "../../model/changeset.ts";
import { diffRows } from "../domain/diff-rows.ts";
import { Scroll } from "./scroll.tsx";

const ARROWS = { up: "▲", down: "▼" } as const;

/** `resource · field · old → new`, as Pulumi previewed it. */
export function DiffTable({
  changes,
  caption,
}: {
  readonly changes: readonly PropertyChange[];
  readonly caption: string;
}) {
  if (changes.length === 0) return <p class="hint">No property changes.</p>;
  return (
    <Scroll label={caption}>
      <table class="diff">
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Resource</th>
            <th scope="col">Field</th>
            <th scope="col">Old</th>
            <th scope="col">New</th>
          </tr>
        </thead>
        <tbody>
          {diffRows(changes).map(({ resource, type, field, before, after, direction, operation }) => (
            <tr key={`${resource} ${field}`} class={operation}>
              <td title={type}>{resource}</td>
              <td>{field}</td>
              <td class="before">{before}</td>
              <td class="after">
                {after}
                {direction && (
                  <span class={direction} title={direction === "up" ? "grows" : "shrinks"}>
                    {" "}
                    {ARROWS[direction]}
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
