import { useEffect, useState } from "preact/hooks";
import { parseRoute, type Route } from "./route.ts";

/** Where the reader is, from the address. */
export function useRoute(): Route {
  const [fragment, setFragment] = useState(location.hash);
  useEffect(() => {
    const moved = () => setFragment(location.hash);
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  return parseRoute(fragment);
}

/** Changes the address without a step in the history: filters as they are typed. */
export function replaceRoute(fragment: string): void {
  history.replaceState(null, "", fragment);
  dispatchEvent(new HashChangeEvent("hashchange"));
}
