/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next page begins; `null` on the last. */
  readonly next: string | null;
  /** Of the whole list, where that is known. */
  readonly total?: number;
}

/** The page of a list that begins at a cursor: the number of items before it. */
export function pageOf<Item>(all: readonly Item[], limit: number, cursor = "0"): Page<Item> {
  const start = Number(cursor);
  const end = start + limit;
  return { items: all.slice(start, end), next: end < all.length ? String(end) : null, total: all.length };
}
