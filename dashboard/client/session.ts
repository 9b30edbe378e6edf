import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Session } from "./contract.ts";

export const SessionContext = createContext<Session | undefined>(undefined);

/** Who is logged in. Only below the page of somebody who is. */
export function useSessionOf(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error("expected somebody to be logged in here");
  return session;
}
