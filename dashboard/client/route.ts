const PAGES = ["", "waiting", "workloads", "changesets", "envelopes", "ledger", "settings"] as const;
export type PageName = (typeof PAGES)[number];

/** Where the reader is: `#/workloads/web?hours=6`. */
export interface Route {
  readonly page: PageName | "unknown";
  readonly id?: string;
  readonly query: URLSearchParams;
}

/** A route from the fragment of the page's address. What is no route of ours is the fleet, or told as unknown. */
export function parseRoute(fragment: string): Route {
  const [path, search = ""] = fragment.replace(/^#\/?/, "").split("?", 2);
  const query = new URLSearchParams(search);
  const [page = "", id, ...more] = path.split("/").map(decode);
  const known = PAGES.find((name) => name === page);
  if (known === undefined || more.length > 0) return { page: "unknown", query };
  return { page: known, ...(id ? { id } : {}), query };
}

/** The fragment of a route; empty values of the query are left out. */
export function href(
  page: PageName,
  id?: string,
  query: Readonly<Record<string, string | undefined>> = {},
): `#/${string}` {
  const search = new URLSearchParams(
    Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== ""),
  ).toString();
  const path = id === undefined ? page : `${page}/${encodeURIComponent(id)}`;
  return `#/${path}${search === "" ? "" : `?${search}`}`;
}

/** The one-time code of a login link, `#login=CODE`. */
export function loginCode(fragment: string): string | undefined {
  return /^#login=([A-Za-z0-9_-]{1,200})$/.exec(fragment)?.[1];
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
