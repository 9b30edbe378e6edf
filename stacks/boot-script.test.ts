import assert from "node:assert/strict";
import { it } from "node:test";
import { bootScript, TOKEN_FILE, UBUNTU } from "./boot-script.ts";

const machine = { ...UBUNTU, readToken: `read-it > ${TOKEN_FILE}` };

it("reads the token at boot, for nobody but root to read", () => {
  const script = bootScript("web", "10.0.0.1:4318", { agentToken: "projects/p/secrets/s" }, machine);
  assert.match(script, /umask 077\nread-it > \/etc\/foreshadow\/token\n/);
  assert.match(script, /intake: \{ listen: "10\.0\.0\.1:4318" \}/);
});

it("takes no setting that a shell would take for more than a word", () => {
  const wrong = () => bootScript("web", "host:1", { agentToken: "a; rm -rf /" }, machine);
  assert.throws(wrong, /foreshadow:agentToken: expected letters, digits .* found "a; rm -rf \/"/);
  assert.throws(() => bootScript("web", "$(id)", {}, machine), /foreshadow:agentEndpoint/);
});
