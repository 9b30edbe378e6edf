import { useEffect, useState } from "preact/hooks";
import { ApiProblem, get, logIn, logOut, onSessionLost, useSession as useForWrites } from "./client/api.ts";
import type { EngineStatus, Holds, Session } from "./client/contract.ts";
import { live } from "./client/live.ts";
import { href, loginCode } from "./client/route.ts";
import { SessionContext } from "./client/session.ts";
import { useResource } from "./client/use-resource.ts";
import { useRoute } from "./client/use-route.ts";
import { Shell } from "./components/shell.tsx";
import { ChangesetPage } from "./pages/changeset.tsx";
import { EnvelopePage } from "./pages/envelope.tsx";
import { FleetPage } from "./pages/fleet.tsx";
import { LedgerPage } from "./pages/ledger.tsx";
import { LoginPage } from "./pages/login.tsx";
import { SettingsPage } from "./pages/settings.tsx";
import { WaitingPage } from "./pages/waiting.tsx";
import { WorkloadPage } from "./pages/workload.tsx";

/** The page: for those who are logged in what they asked for, for others the way in. */
export function App() {
  const [session, setSession] = useState<Session>();
  const [note, setNote] = useState<string | undefined>("");
  const enter = (found: Session | undefined, why?: string) => {
    useForWrites(found);
    setSession(found);
    setNote(why);
    if (found === undefined) live.stop();
    else live.start();
  };

  useEffect(() => {
    onSessionLost(() => enter(undefined, "Your session has ended, or the engine was started anew. Log in again."));
    begin().then(
      (found) => enter(found),
      (error: unknown) => enter(undefined, error instanceof Error ? error.message : String(error)),
    );
    return () => live.stop();
  }, []);

  if (session === undefined)
    return note === "" ? <p class="starting">Loading …</p> : <LoginPage note={note} onSession={enter} />;
  return (
    <SessionContext.Provider value={session}>
      <Pages onLogOut={() => logOut().finally(() => enter(undefined, "You are logged out."))} />
    </SessionContext.Provider>
  );
}

/**
 * The session that there is, or the one that a link's code begins. The code leaves the address at once: it is used up, and no history should keep it.
 *
 * @returns `undefined` for those who just come without a session
 */
async function begin(): Promise<Session | undefined> {
  const code = loginCode(location.hash);
  if (code !== undefined) {
    history.replaceState(null, "", href(""));
    return logIn({ code });
  }
  try {
    return await get<Session>("session");
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return undefined;
    throw error;
  }
}

function Pages({ onLogOut }: { readonly onLogOut: () => void }) {
  const route = useRoute();
  const status = useResource<EngineStatus>("status", { after: ({ type }) => type !== "note", pace: 5000 });
  const holds = useResource<Holds>("holds", { after: ({ type }) => type === "tick", pace: 15_000 });
  const { page, id, query } = route;
  const title = [id ?? page, "Foreshadow"].filter((part) => part !== "").join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
  const shown = () => {
    if (page === "workloads" && id !== undefined) return <WorkloadPage key={id} name={id} holds={holds} />;
    if (page === "changesets" && id !== undefined) return <ChangesetPage key={id} id={id} />;
    if (page === "envelopes" && id !== undefined) return <EnvelopePage key={id} id={id} />;
    if (page === "waiting") return <WaitingPage />;
    if (page === "ledger") return <LedgerPage query={query} />;
    if (page === "settings") return <SettingsPage />;
    if (page === "") return <FleetPage query={query} status={status.data} />;
    return <p class="hint">There is no such page.</p>;
  };
  return (
    <Shell route={route} status={status} holds={holds} onLogOut={onLogOut}>
      {shown()}
    </Shell>
  );
}
