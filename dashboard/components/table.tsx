import type { ComponentChildren } from "preact";
import { Scroll } from "./scroll.tsx";

/** A table with a name, which scrolls where it is wider than its place. */
export function Table({
  label,
  caption = label,
  kind,
  headings,
  children,
}: {
  readonly label: string;
  readonly caption?: string;
  /** Its class. */
  readonly kind?: string;
  /** Cells of its head: `Headings`, or others. */
  readonly headings: ComponentChildren;
  /** Its rows. */
  readonly children: ComponentChildren;
}) {
  return (
    <Scroll label={label}>
      <table class={kind}>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>{headings}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </Scroll>
  );
}

/** A heading cell for each title. */
export function Headings({ titles }: { readonly titles: readonly string[] }) {
  return (
    <>
      {titles.map((title) => (
        <th scope="col" key={title}>
          {title}
        </th>
      ))}
    </>
  );
}
