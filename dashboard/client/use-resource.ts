import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiProblem, get } from "./api.ts";
import type { LiveEvent } from "./contract.ts";
import { live } from "./live.ts";

export interface Resource<Value> {
  /** What was read last, also while it is read anew. */
  readonly data?: Value;
  readonly problem?: ApiProblem;
  readonly loading: boolean;
  reload(): void;
}

export interface ResourceOptions {
  /** Events after which it is read again. */
  readonly after?: (event: LiveEvent) => boolean;
  /** Whose ticks `after` hears: a workload's, `null` for none; without it, everybody's. */
  readonly ticksOf?: string | null;
  /** Milliseconds that lie between two readings at least: events come in bursts. */
  readonly pace?: number;
}

/**
 * Reads `api/v1/PATH` and keeps it fresh: after the events that are named, and when the engine is back after it was away. Nothing is read without a
 * path. Of another path, the old data is not shown.
 */
export function useResource<Value>(
  path: string | undefined,
  { after, ticksOf, pace = 2000 }: ResourceOptions = {},
): Resource<Value> {
  const [state, setState] = useState<{ path?: string; data?: Value; problem?: ApiProblem; loading: boolean }>({
    loading: path !== undefined,
  });
  const abort = useRef<AbortController | undefined>(undefined);
  const read = useCallback(async () => {
    abort.current?.abort();
    if (path === undefined) return;
    const mine = new AbortController();
    abort.current = mine;
    setState((old) => ({ ...(old.path === path ? old : { path }), loading: true }));
    try {
      const data = await get<Value>(path, mine.signal);
      if (!mine.signal.aborted) setState({ path, data, loading: false });
    } catch (error) {
      if (mine.signal.aborted) return;
      const problem = error instanceof ApiProblem ? error : new ApiProblem(0, String(error));
      // While the engine is away what was read last is better than nothing; the banner says that it is old.
      setState((old) => ({ ...(problem.status === 0 && old), path, problem, loading: false }));
    }
  }, [path]);

  const wants = useRef(after);
  wants.current = after;
  useEffect(() => {
    void read();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = Date.now();
    const soon = () => {
      if (timer !== undefined) return;
      timer = setTimeout(
        () => {
          timer = undefined;
          last = Date.now();
          void read();
        },
        Math.max(50, last + pace - Date.now()),
      );
    };
    const stop = live.listen((event) => {
      if (event === "again" || wants.current?.(event)) soon();
    }, ticksOf);
    return () => {
      stop();
      clearTimeout(timer);
      abort.current?.abort();
    };
  }, [read, pace, ticksOf]);

  const current = state.path === path ? state : { loading: path !== undefined };
  return { ...current, reload: read };
}
