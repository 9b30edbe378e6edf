import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { code, fenced, plain } from "./markdown.ts";

test("what a name holds is shown and does nothing", () => {
  assert.equal(plain("web 2 → 4, 70 %"), "web 2 → 4, 70 %");
  assert.equal(plain("@octocat"), "&#64;&#8203;octocat");
  assert.equal(plain("a|b\n# c"), "a&#124;b &#35;&#8203; c");
  assert.equal(code("<!-- x -->"), "<code>&#60;&#33;&#45;&#45; x &#45;&#45;&#62;</code>");
  assert.equal(plain("x".repeat(400)).length, 300);
});

test("no text leaves a character that Markdown or HTML acts on, nor a line end, nor an address", () => {
  const nasty = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("[x](javascript:1)", "</details>", "https://x.y", "www.x.y", "a`b", "\u202ex"),
  );
  fc.assert(
    fc.property(fc.array(nasty), (parts) => {
      const text = plain(parts.join(""));
      assert.doesNotMatch(text.replaceAll(/&#\d+;/g, ""), /[`*_{}[\]()<>#+\-.!|~@&:$\\"^\n\r]/);
    }),
  );
});

test("no text ends its fence", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("`", "``````", "\n", "x", "~~~")), (parts) => {
      const lines = fenced(parts.join(""), "diff").split("\n");
      const fence = /^`+/.exec(lines[0])![0];
      assert.equal(lines.at(-1), fence);
      assert.ok(lines.slice(1, -1).every((line) => !line.includes(fence)));
    }),
  );
});
