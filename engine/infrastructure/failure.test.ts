import assert from "node:assert/strict";
import { it } from "node:test";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { describeFailure } from "./failure.ts";

const said = (message: string): EngineEvent => ({
  sequence: 1,
  timestamp: 1,
  diagnosticEvent: { message, color: "never", severity: "error" },
});

it("a plugin that was killed is lost, whichever words Pulumi has for it, in the command's output or among the events", () => {
  const premature =
    "Detected that /tmp/provider/pulumi-resource-x exited prematurely. \n       This is *always* a bug in the provider.";
  assert.equal(describeFailure(new Error(`code: 255\n stderr: error: ${premature}`), []).failure, "lost");
  const told = describeFailure(new Error("code: 255\n stderr: error: preview failed"), [said(premature)]);
  assert.equal(told.failure, "lost");
  assert.match(told.message, /exited prematurely/);
  assert.equal(describeFailure(new Error("rpc error: code = Unavailable desc = error reading"), []).failure, "lost");
});

it("what the program or the provider says no to is for a person, what cannot be reached for later", () => {
  const refused = said("volumes only grow: expected at least 200 MiB, found 100 MiB");
  assert.equal(describeFailure(new Error("error: update failed"), [refused]).failure, "program");
  assert.equal(describeFailure(new Error("error: dial tcp: i/o timeout"), []).failure, "unavailable");
});
