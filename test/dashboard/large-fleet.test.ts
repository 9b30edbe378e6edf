import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import type { ApiEngine } from "../../engine/api/api-engine.port.ts";
import type { EnvelopeProposal } from "../../engine/api/engine-control.port.ts";
import { findChromium, keepScreenshot, launch, openTab, seriousFindings } from "./browser.ts";
import { startPrefixProxy } from "./prefix-proxy.ts";
import { serveShop } from "./serve-shop.ts";
import { openShop } from "./shop.ts";

const chromium = findChromium();
const skip = chromium === undefined && "there is no chromium on PATH, and it could not be installed";
const OTHERS = 9998;
const ENVELOPE: EnvelopeProposal = {
  id: "envelope-dev",
  stack: "dev",
  path: "capacity/dev.envelope.yaml",
  text: "version: 1\nweb:\n  until: 2026-12-01T00:00Z\n  hours:\n    00-24: { least: 2, greatest: 8 }\n",
  workloads: ["web"],
  commit: "0123456789abcdef",
  at: 1_795_000_000,
  changes: [
    {
      workload: "web",
      before: { until: 1_795_000_000, hours: [{ from: 8, to: 20, least: 2, greatest: 6 }] },
      after: { until: 1_796_083_200, hours: [{ from: 0, to: 24, least: 2, greatest: 8 }] },
    },
  ],
};

describe("the web page over ten thousand workloads, behind a proxy with a path prefix", { skip }, () => {
  let browser: Browser;
  let shop: Awaited<ReturnType<typeof openShop>>;
  let served: Awaited<ReturnType<typeof serveShop>>;
  let proxy: Awaited<ReturnType<typeof startPrefixProxy>>;
  const decided: string[] = [];

  before(async () => {
    browser = await launch(chromium!);
    shop = await openShop(OTHERS);
    // An envelope takes days of forecasts to come about: who asks for it is the page, what answers is the test's.
    const envelopes: Partial<ApiEngine> = {
      envelopes: async () => (decided.length === 0 ? [ENVELOPE] : []),
      approveEnvelope: async (id, by) => {
        decided.push(`${id} ${by}`);
        return ENVELOPE;
      },
    };
    const engine = new Proxy<ApiEngine>(shop.engine, {
      get: (real, key) => {
        const found = envelopes[key as keyof ApiEngine] ?? real[key as keyof ApiEngine];
        return typeof found === "function" ? found.bind(real) : found;
      },
    });
    served = await serveShop({ engine, records: shop.records });
    proxy = await startPrefixProxy(served.port, "/ops/scaling");
  });
  after(async () => {
    await browser?.close();
    await proxy?.stop();
    await served?.stop();
    await shop?.engine.loop.stop();
  });

  async function enter() {
    const tab = await openTab(browser);
    await tab.page.goto(served.link().replace(served.url, proxy.url));
    await tab.page.getByRole("link", { name: "api", exact: true }).waitFor();
    return tab;
  }

  test("a page of a hundred is shown, the next one follows, and a search finds one of all", async (t) => {
    const { page, faults } = await enter();
    // Again, with the session: the first time the link logs in, and a checkout bundles the page.
    await page.reload();
    await page.getByRole("link", { name: "api", exact: true }).waitFor();
    const shown = await page.evaluate("performance.now()");
    const rows = page.locator("table.fleet tbody tr");
    assert.equal(await rows.count(), 100);
    await page.getByText("of 10,000 workloads").waitFor();
    const paint = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime");
    t.diagnostic(`first paint after ${Math.round(Number(paint))} ms, rows after ${Math.round(Number(shown))} ms`);
    await keepScreenshot(page, "large-fleet");
    assert.deepEqual(await seriousFindings(page), []);
    await page.getByRole("button", { name: "Next →" }).click();
    await page.getByText("101–200 of 10,000").waitFor();
    await page.getByLabel("Search workloads").fill("worker-09876");
    await page.getByRole("link", { name: "worker-09876" }).waitFor();
    await page.getByText("1–1 of 1 workload").waitFor();
    await page.context().close();
    assert.deepEqual(faults, []);
  });

  test("the ticks of all of them do not keep the page from answering", async () => {
    const { page, faults } = await enter();
    const view = await shop.engine.workload("worker-00001");
    for (let n = 1; n <= OTHERS; n++)
      shop.engine.followers.emit({
        type: "tick",
        workload: { ...view, name: `worker-${String(n).padStart(5, "0")}`, at: 1_795_000_000 },
      });
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    await page.context().close();
    assert.deepEqual(faults, []);
  });

  test("an envelope shows what it would allow, and a person approves it", async () => {
    const { page, faults } = await enter();
    await page.getByRole("link", { name: /^Waiting/ }).click();
    await page.getByRole("link", { name: ENVELOPE.id }).click();
    await page.getByRole("heading", { level: 1, name: "Envelope of dev" }).waitFor();
    assert.deepEqual(await seriousFindings(page), []);
    await page.getByRole("button", { name: "Approve" }).click();
    const asked = page.getByRole("dialog");
    await asked.getByText("This becomes the text of capacity/dev.envelope.yaml").waitFor();
    await asked.getByRole("row", { name: "08–20 2 to 6 2 to 8" }).waitFor();
    await asked.getByRole("row", { name: "20–24 – 2 to 8" }).waitFor();
    await keepScreenshot(page, "envelope");
    await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
    await page.getByText("No envelope waits.").waitFor();
    assert.deepEqual(decided, ["envelope-dev ann"]);
    await page.context().close();
    assert.deepEqual(faults, []);
  });
});
