import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutCredentials } from "./credentials.ts";

test("addresses lose what they carry of credentials, and nothing else is touched", () => {
  const cases = [
    ["at 'https://me:p%40ss@host/x.git': no", "at 'https://[secret]@host/x.git': no"],
    ["https://ghp_token@github.com/a/b and http://h/a@b", "https://[secret]@github.com/a/b and http://h/a@b"],
    ["ssh://git@host/a ssh://me:pw@host/b git@host:a/b", "ssh://git@host/a ssh://[secret]@host/b git@host:a/b"],
    ["postgres://u:p@db/x, mail a@b.c", "postgres://[secret]@db/x, mail a@b.c"],
  ];
  for (const [text, masked] of cases) assert.equal(withoutCredentials(text), masked);
});
