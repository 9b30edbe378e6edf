import { join } from "node:path";
import { apiPage } from "./api-page.ts";
import { cliPage } from "./cli-page.ts";
import { filesPage } from "./files-page.ts";

/** Where the pages of the reference are. */
export const REFERENCE = join(import.meta.dirname, "..", "..", "docs", "reference");

/** The pages of the reference by the names of their files. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ["cli.md", await cliPage()],
    ["api.md", apiPage()],
    ["files.md", filesPage()],
  ]);
}
