import type { ComponentChildren } from "preact";
import type { Page } from "../client/contract.ts";
import { usePages } from "../client/use-pages.ts";
import { type ResourceOptions, useResource } from "../client/use-resource.ts";
import { Loaded } from "./loaded.tsx";
import { Pager } from "./pager.tsx";

/** A list of the API, a page at a time. */
export function PagedList<Item>({
  path,
  query,
  size,
  what,
  noun,
  fresh,
  below,
  children,
}: {
  /** Below `api/v1/`. */
  readonly path: string;
  /** What is listed; the reader is back on the first page when it changes. */
  readonly query: Readonly<Record<string, string>>;
  /** Items of a page. */
  readonly size: number;
  readonly what: string;
  readonly noun: string;
  readonly fresh: ResourceOptions;
  /** What comes after the list, as soon as it was read. */
  readonly below?: ComponentChildren;
  readonly children: (items: readonly Item[]) => ComponentChildren;
}) {
  const asked = new URLSearchParams({ limit: String(size), ...query }).toString();
  const pages = usePages(asked, size);
  const cursor = pages.cursor ? `&cursor=${encodeURIComponent(pages.cursor)}` : "";
  const resource = useResource<Page<Item>>(`${path}?${asked}${cursor}`, fresh);
  return (
    <>
      <Loaded resource={resource} what={what}>
        {({ items, next, total }) => (
          <>
            {children(items)}
            <Pager
              shown={items.length}
              total={total}
              first={pages.first}
              noun={noun}
              onBack={pages.back}
              onNext={pages.next(next)}
            />
          </>
        )}
      </Loaded>
      {resource.data !== undefined && below}
    </>
  );
}
