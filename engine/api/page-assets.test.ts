import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { pageAssets } from "./page-assets.ts";

const MOST_SCRIPT = 200_000;

test("the page is three files that fit its content security policy and any path prefix", async () => {
  const assets = await pageAssets();
  assert.deepEqual([...assets.keys()].sort(), ["/", "/app.css", "/app.js"]);
  const page = Buffer.from(assets.get("/")!.body).toString();
  assert.match(assets.get("/")!.type, /^text\/html/);
  // What is inline would be refused; what begins with a slash would miss a prefix.
  assert.doesNotMatch(page, /<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
  assert.doesNotMatch(page, /(src|href)="(\/|https?:)/);
  assert.doesNotMatch(Buffer.from(assets.get("/app.css")!.body).toString(), /@import|url\((?!data:)/);
  assert.ok(gzipSync(assets.get("/app.js")!.body).length <= MOST_SCRIPT);
});

test("the files are bundled once, and each has a validator of its own", async () => {
  const assets = await pageAssets();
  assert.equal(await pageAssets(), assets);
  assert.equal(new Set([...assets.values()].map(({ etag }) => etag)).size, assets.size);
});
