import type { Hono } from "hono";
import { compress } from "hono/compress";
import type { ApiEnv } from "./access/gate.ts";
import { pageAssets } from "./page-assets.ts";

const PATHS = ["/", "/app.js", "/app.css"] as const;

/** Serves the web page. Everybody gets its files, which tell nothing; what it shows needs a session. */
export function servePage(app: Hono<ApiEnv>): void {
  for (const path of PATHS)
    app.get(path, compress(), async (context) => {
      const { type, body, etag } = (await pageAssets()).get(path)!;
      context.header("etag", etag);
      // Asked for anew each time and rarely sent anew: a new engine has a new page at once.
      context.header("cache-control", "no-cache");
      // Compressed on the way, the validator of the browser's copy is a weak one.
      if (context.req.header("if-none-match")?.replace(/^W\//, "") === etag) return context.body(null, 304);
      return context.body(body, 200, { "content-type": type });
    });
}
