import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { PACKAGE } from "../package.ts";
import { bundlePage } from "./bundle-page.ts";

/** One file of the page, as it is served. */
export interface PageAsset {
  /** Media type with its character set. */
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Strong validator, quotes included. */
  readonly etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};
let made: Promise<ReadonlyMap<string, PageAsset>> | undefined;

/**
 * The files of the page by their paths, `/` for `index.html`. Of a published package they are built; in a checkout they are bundled from their sources
 * when they are asked for first.
 *
 * @throws Error when there is neither, or the sources do not build; the next call tries again
 */
export function pageAssets(): Promise<ReadonlyMap<string, PageAsset>> {
  made ??= load().catch((error: unknown) => {
    made = undefined;
    throw error;
  });
  return made;
}

async function load(): Promise<ReadonlyMap<string, PageAsset>> {
  const { root } = PACKAGE;
  const files = existsSync(join(root, "dashboard", "main.tsx"))
    ? await bundlePage(root)
    : await read(join(root, "dist", "dashboard"));
  return new Map([...files].map(([name, body]) => [name === "index.html" ? "/" : `/${name}`, asset(name, body)]));
}

async function read(directory: string): Promise<Map<string, Uint8Array>> {
  const names = (await readdir(directory)).filter((name) => extname(name) in TYPES);
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name))] as const)));
}

function asset(name: string, body: Uint8Array): PageAsset {
  return {
    type: TYPES[extname(name)] ?? "application/octet-stream",
    body: Uint8Array.from(body),
    etag: `"${createHash("sha256").update(body).digest("base64url")}"`,
  };
}
