import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { assess } from "../../engine/assessment/assess.ts";
import { reportPage } from "../../engine/assessment/report-page.ts";
import { createForecaster } from "../../engine/forecast/forecaster.ts";
import { findChromium, launch, openTab, seriousFindings } from "../dashboard/browser.ts";

/** The page of a report in a real browser: dark and light, wide and narrow, without a request besides its own. */

const chromium = findChromium();
const skip = chromium === undefined ? "needs chromium" : false;
const DAY = 96;
const SETTINGS = { startDelay: 900, violation: 0.01 };

let browser: Browser;
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? "");
  response.setHeader("content-type", "text/html; charset=utf-8").end(page());
});
before(async () => {
  if (chromium === undefined) return;
  browser = await launch(chromium);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
after(async () => {
  await browser?.close();
  server.close();
});

function page(): string {
  const workloads = ["shop", "mail", "search", "short"].map((name, n) => {
    const ticks = name === "short" ? DAY : 6 * DAY;
    const cpu = Float64Array.from({ length: ticks }, (_, tick) =>
      tick % 50 === 0 ? Number.NaN : 10 - 8 * Math.cos((2 * Math.PI * (tick + n)) / DAY) + ((tick * 7919) % 13) / 13,
    );
    const trace = { startsAt: 20_000 * 86_400, step: 900, ticks, series: new Map([["cpu", cpu]] as const) };
    const workload = {
      name,
      kind: "pods",
      labels: { pod: `${name}-*` },
      trace,
      told: [],
      throttled: 0,
      notes: ["a note"],
    };
    return assess(workload, { ...SETTINGS, forecaster: createForecaster });
  });
  return reportPage({ version: 1, source: "a server", step: 900, ...SETTINGS, workloads });
}

for (const colorScheme of ["light", "dark"] as const)
  test(`nothing serious to axe, nothing asked of anybody: ${colorScheme}`, { skip }, async () => {
    const width = colorScheme === "light" ? 1280 : 360;
    const { page: tab, faults } = await openTab(browser, { colorScheme, viewport: { width, height: 900 } });
    asked.length = 0;
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    // What is closed is looked at too.
    await tab.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
    assert.deepEqual(await seriousFindings(tab), []);
    assert.equal(await tab.getByRole("img", { name: /^Replicas of/ }).count(), 3);
    const widest = (await tab.evaluate("document.documentElement.scrollWidth")) as number;
    assert.ok(widest <= width, `${widest} pixels of ${width}`);
    assert.deepEqual(faults, []);
    assert.deepEqual(
      asked.filter((path) => path !== "/favicon.ico"),
      ["/"],
    );
    await tab.context().close();
  });
