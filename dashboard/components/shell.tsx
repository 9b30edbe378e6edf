import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { EngineStatus, Holds } from "../client/contract.ts";
import { href, type Route } from "../client/route.ts";
import { useSessionOf } from "../client/session.ts";
import { useLiveState } from "../client/use-live-state.ts";
import type { Resource } from "../client/use-resource.ts";
import { HoldsDialog } from "./holds-dialog.tsx";
import { Instant } from "./instant.tsx";

const LINKS = [
  ["", "Fleet"],
  ["waiting", "Waiting"],
  ["ledger", "Ledger"],
  ["settings", "Settings"],
] as const;
const UNDER: Partial<Readonly<Record<Route["page"], string>>> = {
  workloads: "",
  changesets: "waiting",
  envelopes: "waiting",
};

/** What is around every page: where one can go, holds, whether the engine is there, who is logged in. */
export function Shell({
  route,
  status,
  holds,
  onLogOut,
  children,
}: {
  readonly route: Route;
  readonly status: Resource<EngineStatus>;
  readonly holds: Resource<Holds>;
  readonly onLogOut: () => void;
  readonly children: ComponentChildren;
}) {
  const { name } = useSessionOf();
  const current = UNDER[route.page] ?? route.page;
  const waiting = status.data?.counts.waiting ?? 0;
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById("content")?.focus()}>
        Skip to the content
      </button>
      <header>
        <a class="brand" href={href("")}>
          Foreshadow
        </a>
        <nav aria-label="Pages">
          {LINKS.map(([page, title]) => (
            <a key={page} href={href(page)} aria-current={current === page ? "page" : undefined}>
              {title}
              {page === "waiting" && waiting > 0 && <b class="count">{waiting}</b>}
            </a>
          ))}
        </nav>
        <HoldsButton holds={holds} />
        <span class="who">
          {name}{" "}
          <button type="button" class="link" onClick={onLogOut}>
            Log out
          </button>
        </span>
      </header>
      <Banner status={status} />
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <footer>{status.data && <EngineLine status={status.data} />}</footer>
    </>
  );
}

function EngineLine({ status: { engine, ledger } }: { readonly status: EngineStatus }) {
  return (
    <>
      {`Engine ${engine.version}, pid ${engine.pid}, up since `}
      <Instant at={engine.startedAt} />, last tick <Instant at={engine.lastTick} />
      {`; ledger at ${ledger.sequence.toLocaleString("en")}`}
    </>
  );
}

function HoldsButton({ holds }: { readonly holds: Resource<Holds> }) {
  const [open, setOpen] = useState(false);
  const { freezes = [], pins = [] } = holds.data ?? {};
  const everything = freezes.some(({ workload }) => workload === "*");
  const count = freezes.length + pins.length;
  return (
    <>
      <button type="button" class={`holds ${everything ? "frozen" : ""}`} onClick={() => setOpen(true)}>
        <span aria-hidden="true">■ </span>
        {everything ? "All frozen" : count > 0 ? `Holds (${count})` : "Freeze …"}
      </button>
      {open && <HoldsDialog workload="*" holds={holds} onClose={() => setOpen(false)} />}
    </>
  );
}

/** What everybody should know: that what is shown is old, and open alerts. */
function Banner({ status }: { readonly status: Resource<EngineStatus> }) {
  const state = useLiveState();
  const alerts = status.data?.alerts ?? [];
  return (
    <div role="status" aria-live="polite">
      {state === "away" && (
        <p class="banner away">
          ▲ The engine is away: what is shown is old. What was planned goes on without it. Trying again …
        </p>
      )}
      {alerts.length > 0 && (
        <details class="banner alert">
          <summary>
            ▲ {alerts.length === 1 ? alerts[0] : `${alerts.length} alerts are open; the newest: ${alerts.at(-1)}`}
          </summary>
          <ul>
            {alerts.slice(-50).map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
