import { useEffect, useState } from "preact/hooks";
import { type LiveState, live } from "./live.ts";

/** Whether the engine's events arrive. */
export function useLiveState(): LiveState {
  const [state, setState] = useState(live.state);
  useEffect(() => live.watch(setState), []);
  return state;
}
