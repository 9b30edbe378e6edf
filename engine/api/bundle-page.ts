import { readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Puts the page together from its sources: `index.html`, one script, one style sheet.
 *
 * @param root of a checkout; esbuild is needed, which a published package does not have
 */
export async function bundlePage(root: string): Promise<Map<string, Uint8Array>> {
  const { build } = await import("esbuild");
  const directory = join(root, "dashboard");
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { app: join(directory, "main.tsx") },
    outdir: directory,
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    charset: "utf8",
    logLevel: "silent",
  });
  const files = new Map<string, Uint8Array>([["index.html", await readFile(join(directory, "index.html"))]]);
  for (const { path, contents } of outputFiles) files.set(path.slice(directory.length + 1), contents);
  return files;
}
