import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { projectOf, stateDigest, withResources } from "./checkpoint.ts";

const secret = (plaintext: string, ciphertext: string) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext,
  ciphertext,
});
const urn = (name: string) => `urn:pulumi:dev::demo::local:index:Pool::${name}`;
const key = Buffer.alloc(32, 1);
const exported = (count: number, password = secret('"hidden"', "abc"), rest = {}) => ({
  version: 3,
  deployment: {
    manifest: { time: `${Math.random()}` },
    resources: [
      { urn: "urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev", type: "pulumi:pulumi:Stack" },
      { urn: "urn:pulumi:dev::demo::pulumi:providers:local::default", type: "pulumi:providers:local", id: "p1" },
      {
        urn: urn("web"),
        type: "local:index:Pool",
        id: "web",
        inputs: { count, password },
        outputs: { count, ready: count },
      },
    ],
    ...rest,
  },
});

describe("the digest of a stack's state", () => {
  it("depends on what is recorded, not on when, nor on how a secret is encrypted", () => {
    const start = stateDigest(exported(2), key);
    assert.equal(stateDigest(exported(2), key), start);
    assert.equal(stateDigest(exported(2, secret('"hidden"', "xyz")), key), start);
    assert.notEqual(stateDigest(exported(3), key), start);
    assert.notEqual(stateDigest(exported(2, secret('"other"', "abc")), key), start);
  });

  it("an operation that was cut short counts", () => {
    const pending = { pending_operations: [{ resource: { urn: urn("web") }, type: "updating" }] };
    assert.notEqual(stateDigest(exported(2, undefined, pending), key), stateDigest(exported(2), key));
  });
});

describe("the state as it would be after a change", () => {
  const state = (name: string, inputs: Record<string, unknown>) => ({
    urn: urn(name),
    type: "local:index:Pool",
    name,
    inputs,
    outputs: inputs,
  });

  it("has the new inputs, keeps secrets that are only hidden, and what the provider reported", () => {
    const { deployment } = withResources(exported(2), [state("web", { count: 4, password: "[secret]" })]);
    const web = deployment.resources.at(-1);
    assert.deepEqual(web.inputs, { count: 4, password: secret('"hidden"', "abc") });
    assert.equal(web.outputs.ready, 2);
    assert.equal(web.id, "web");
  });

  it("has what would be created, after its provider, and lacks what would be deleted", () => {
    const { deployment } = withResources(exported(2), [state("new", { count: 1 })]);
    assert.deepEqual(
      deployment.resources.map((resource: { urn: string }) => resource.urn.split("::").at(-1)),
      ["demo-dev", "default", "new"],
    );
    assert.equal(deployment.resources.at(-1).provider, "urn:pulumi:dev::demo::pulumi:providers:local::default::p1");
  });

  it("knows its project", () => {
    assert.equal(projectOf(exported(1)), "demo");
    assert.equal(projectOf({ version: 3, deployment: {} }), undefined);
  });
});
