import { useState } from "preact/hooks";
import { logIn } from "../client/api.ts";
import type { Session } from "../client/contract.ts";
import { Refusal, useAction } from "../components/dialog.tsx";

/** Asks for a token. It goes to the engine, which answers with a cookie that scripts cannot read; the page keeps nothing. */
export function LoginPage({
  note,
  onSession,
}: {
  readonly note: string | undefined;
  readonly onSession: (session: Session) => void;
}) {
  const [token, setToken] = useState("");
  const { busy, refusal, run } = useAction(
    async () => onSession(await logIn({ token: token.trim() })),
    () => {},
  );
  return (
    <main class="login">
      <h1>Foreshadow</h1>
      {note && <p role="status">{note}</p>}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <label>
          Token
          <input
            type="password"
            autocomplete="off"
            required
            maxLength={500}
            value={token}
            onInput={({ currentTarget }) => setToken(currentTarget.value)}
          />
        </label>
        <Refusal text={refusal} />
        <button type="submit" class="primary" disabled={busy}>
          Log in
        </button>
      </form>
      <p class="hint">
        On the engine's host, <code>foreshadow web</code> prints a link that logs you in without a token.
      </p>
    </main>
  );
}
