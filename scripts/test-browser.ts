import { installPackages, present } from "./host-packages.ts";

/** Installs the browser that the web page is tested in, with a font to write with. Where that is not possible it says so, and those tests are skipped. */
export function ensureTestBrowser(say: (line: string) => void): void {
  if (!present("chromium")) installPackages(["chromium", "fonts-dejavu-core"], "chromium", say);
}
