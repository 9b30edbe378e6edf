import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { passphraseFor } from "./passphrase.ts";

const committed = readFileSync(new URL("../Pulumi.dev.yaml", import.meta.url), "utf8");
const others = "encryptionsalt: v1:abcdefgh=:v1:x:y\n";

test("the committed settings are opened with the empty passphrase, whatever the user has set, who is told", () => {
  assert.deepEqual(passphraseFor(committed, {}), { set: { PULUMI_CONFIG_PASSPHRASE: "" } });
  assert.deepEqual(passphraseFor(committed, { PULUMI_CONFIG_PASSPHRASE: "" }), {
    set: { PULUMI_CONFIG_PASSPHRASE: "" },
  });
  for (const env of [{ PULUMI_CONFIG_PASSPHRASE: "foo" }, { PULUMI_CONFIG_PASSPHRASE_FILE: "/secret" }]) {
    const { set, note } = passphraseFor(committed, env);
    assert.deepEqual(set, { PULUMI_CONFIG_PASSPHRASE: "" });
    assert.match(note ?? "", /FORESHADOW_STACK=NAME/);
  }
});

test("settings of the user's own keep the user's passphrase, and have the empty one where none is set", () => {
  for (const settings of [others, undefined]) {
    assert.deepEqual(passphraseFor(settings, { PULUMI_CONFIG_PASSPHRASE: "foo" }), { set: {} });
    assert.deepEqual(passphraseFor(settings, { PULUMI_CONFIG_PASSPHRASE_FILE: "/secret" }), { set: {} });
    assert.deepEqual(passphraseFor(settings, {}), { set: { PULUMI_CONFIG_PASSPHRASE: "" } });
  }
});
