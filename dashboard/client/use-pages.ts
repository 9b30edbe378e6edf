import { useEffect, useState } from "preact/hooks";

/** Where in a list the reader is, by its cursors; back at the start when what is listed changes. @param list names what is listed */
export function usePages(list: string, size: number) {
  const [{ of, cursors }, setPlace] = useState<{ of: string; cursors: readonly string[] }>({ of: list, cursors: [] });
  const current = of === list ? cursors : [];
  useEffect(() => {
    if (of !== list) setPlace({ of: list, cursors: [] });
  }, [of, list]);
  return {
    cursor: current.at(-1),
    first: current.length * size,
    back: current.length === 0 ? undefined : () => setPlace({ of: list, cursors: current.slice(0, -1) }),
    next: (cursor: string | null | undefined) =>
      cursor ? () => setPlace({ of: list, cursors: [...current, cursor] }) : undefined,
  };
}
