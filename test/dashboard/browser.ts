import { accessSync, constants, mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const SCREENSHOTS = join(dirname(fileURLToPath(import.meta.url)), "screenshots");

/** Debian's Chromium; `undefined` where there is none. */
export function findChromium(): string | undefined {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .map((directory) => join(directory, "chromium"))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export function launch(executablePath: string): Promise<Browser> {
  // Root has no sandbox; what is loaded is this project's own page.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
}

/** A tab that remembers what must not happen in it. */
export interface Watched {
  readonly page: Page;
  /** Errors of the console, exceptions, and requests to anywhere but the engine. */
  readonly faults: readonly string[];
}

/**
 * Opens a tab of its own profile.
 *
 * @param allowed texts of console errors that a test brings about itself
 */
export async function openTab(
  browser: Browser,
  options: BrowserContextOptions = {},
  allowed: RegExp = /^$/,
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    timezoneId: "Europe/Berlin",
    ...options,
  });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const faults: string[] = [];
  const note = (text: string) => allowed.test(text) || faults.push(text);
  page.on("console", (message) => message.type() === "error" && note(`console: ${message.text()}`));
  page.on("pageerror", (error) => note(`exception: ${error.stack ?? error.message}`));
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol !== "data:" && hostname !== "127.0.0.1") note(`request to ${request.url()}`);
  });
  return { page, faults };
}

/** What axe-core finds serious or worse, by WCAG 2.2 AA and its own good practices: rule, and what it is about. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // The page's content security policy allows no script but its own: axe comes by the debugger, as the browser's own tools do.
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as {
    violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

/** Keeps what a page looks like, for people. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

/** Pixels by which the page is wider than the window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}
