import assert from "node:assert/strict";
import { test } from "node:test";
import { secretsOf } from "./checkpoint.ts";
import { Redaction } from "./redaction.ts";

test("secrets of environment and state are taken out in every form they come in", () => {
  const redaction = new Redaction({
    AWS_SECRET_ACCESS_KEY: 'cloud/key"1',
    GITHUB_TOKEN: "ghp_canary",
    PULUMI_CONFIG_PASSPHRASE: "",
    GOOGLE_CREDENTIALS: "/etc/key.json",
    PATH: "/usr/bin:/bin",
    TOKEN_COUNT: "3",
  });
  redaction.addAll({ password: "hunter22", nested: ["deep-secret"], short: "ab" });
  const text = 'cloud/key"1 cloud%2Fkey%221 {"a":"cloud/key\\"1"} ghp_canary hunter22 deep-secret ab /etc/key.json 3';
  assert.equal(
    redaction.apply(text),
    '[secret] [secret] {"a":"[secret]"} [secret] [secret] [secret] ab /etc/key.json 3',
  );
  assert.equal(redaction.apply(Buffer.from("hunter22").toString("base64")), "[secret]");
  assert.equal(redaction.apply("https://u:p@h/"), "https://[secret]@h/");
});

test("the secrets of a state are what Pulumi has marked, as they are, wherever they lie", () => {
  const secret = (value: unknown) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    plaintext: JSON.stringify(value),
  });
  const resources = [
    { urn: "u", type: "t", inputs: { a: secret("one") }, outputs: { b: [{ c: secret({ d: "two" }) }] } },
  ];
  assert.deepEqual(secretsOf({ version: 3, deployment: { resources } }), ["one", { d: "two" }]);
});
