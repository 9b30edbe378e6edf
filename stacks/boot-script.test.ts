import assert from "node:assert/strict";
import { it } from "node:test";
import { parseProject } from "../model/project.ts";
import { bootScript, TOKEN_FILE, UBUNTU } from "./boot-script.ts";

const machine = { ...UBUNTU, readToken: `read-it > ${TOKEN_FILE}` };

it("reads the token at boot, for nobody but root to read", () => {
  const script = bootScript("web", "10.0.0.1:4318", { agentToken: "projects/p/secrets/s" }, machine);
  assert.match(script, /umask 077\nread-it > \/etc\/foreshadow\/token\n/);
});

it("has the agent send its vectors by TLS with the token, and keep on disk what it cannot send", () => {
  for (const endpoint of ["engine.example:4318", "https://engine.example:4318"]) {
    const script = bootScript("web", endpoint, {}, machine);
    const text = script.split("foreshadow.yaml <<'END'\n")[1].split("END\n")[0];
    const { agent, workloads } = parseProject(text, "foreshadow.yaml");
    assert.deepEqual(agent.send, {
      url: "https://engine.example:4318",
      token: { file: TOKEN_FILE },
      buffer: { directory: "/var/lib/foreshadow-agent", size: 64 * 1024 * 1024 },
    });
    assert.deepEqual(workloads[0].select, { cgroup: "/web" });
  }
  assert.throws(() => bootScript("web", "http://engine.example:4318", {}, machine), /foreshadow:agentEndpoint/);
});

it("takes no setting that a shell would take for more than a word", () => {
  const wrong = () => bootScript("web", "host:1", { agentToken: "a; rm -rf /" }, machine);
  assert.throws(wrong, /foreshadow:agentToken: expected letters, digits .* found "a; rm -rf \/"/);
  assert.throws(() => bootScript("web", "$(id)", {}, machine), /foreshadow:agentEndpoint/);
});
