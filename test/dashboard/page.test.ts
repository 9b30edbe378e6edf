import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { findChromium, keepScreenshot, launch, openTab, overflow, seriousFindings, type Watched } from "./browser.ts";
import { serveShop } from "./serve-shop.ts";
import { openShop } from "./shop.ts";

const chromium = findChromium();
const skip = chromium === undefined && "there is no chromium on PATH, and it could not be installed";

describe("the web page in a browser", { skip }, () => {
  let browser: Browser;
  let shop: Awaited<ReturnType<typeof openShop>>;
  let served: Awaited<ReturnType<typeof serveShop>>;

  before(async () => {
    browser = await launch(chromium!);
    shop = await openShop();
    for (let minute = 0; minute < 25; minute++) await shop.tick();
    for (let minute = 0; minute < 4; minute++) await shop.tick({ web: 2, api: 1.8 });
    served = await serveShop(shop);
  });
  after(async () => {
    await browser?.close();
    await served?.stop();
    await shop?.engine.loop.stop();
  });

  /** A tab of somebody who is logged in, at a place in the page. */
  async function at(place: string, options: Parameters<typeof openTab>[1] = {}, allowed?: RegExp): Promise<Watched> {
    const tab = await openTab(browser, options, allowed);
    await tab.page.goto(served.link());
    await tab.page.getByRole("heading", { level: 1, name: "Fleet" }).waitFor();
    await tab.page.evaluate(`location.hash = ${JSON.stringify(place)}`);
    return tab;
  }
  const closed = async ({ page, faults }: Watched) => {
    await page.context().close();
    assert.deepEqual(faults, []);
  };
  const waiting = async () => {
    const found = (await shop.engine.changesets("web")).find(({ state }) => state === "awaiting-approval");
    assert.ok(found, "the shop has a change that waits");
    return found;
  };
  /** Lets demand move until a change waits that is not the one before. */
  const nextWaiting = async (factor: number) => {
    for (let minute = 0; minute < 12; minute++) {
      await shop.tick({ web: factor });
      const found = (await shop.engine.changesets("web")).find(({ state }) => state === "awaiting-approval");
      if (found !== undefined) return found;
    }
    throw new Error("expected that a change would wait by now");
  };
  const dialog = (page: Page) => page.getByRole("dialog");

  test("a link logs in once, and leaves nothing in the address or in the browser's storage", async () => {
    const tab = await openTab(browser, {}, /401/);
    const link = served.link();
    await tab.page.goto(link);
    await tab.page.getByRole("heading", { level: 1, name: "Fleet" }).waitFor();
    assert.equal(new URL(tab.page.url()).hash, "#/");
    assert.equal(await tab.page.evaluate("localStorage.length + sessionStorage.length"), 0);
    assert.equal(await tab.page.evaluate("document.cookie"), "");
    await tab.page.getByRole("button", { name: "Log out" }).click();
    await tab.page.getByLabel("Token").waitFor();
    await tab.page.goto("about:blank");
    await tab.page.goto(link);
    await tab.page.getByText("a code that is new").waitFor();
    await closed(tab);
  });

  test("a token logs in; whoever may only read sees why the buttons do nothing", async () => {
    const tab = await openTab(browser, {}, /401/);
    await tab.page.goto(`${served.url}#/changesets/${(await waiting()).id}`);
    await tab.page.getByLabel("Token").fill("fsh_000000000000_wrong");
    await tab.page.getByRole("button", { name: "Log in" }).click();
    await tab.page.getByRole("alert").waitFor();
    await keepScreenshot(tab.page, "login");
    assert.deepEqual(await seriousFindings(tab.page), []);
    await tab.page.getByLabel("Token").fill(served.token("reader", ["read"], true));
    await tab.page.getByRole("button", { name: "Log in" }).click();
    await tab.page.getByText("needs the scope approve").waitFor();
    for (const name of ["Approve", "Reject", "Roll back"])
      assert.equal(await tab.page.getByRole("button", { name, exact: true }).isDisabled(), true, name);
    await closed(tab);

    const program = await openTab(browser, {}, /401/);
    await program.page.goto(`${served.url}#/changesets/${(await waiting()).id}`);
    await program.page.getByLabel("Token").fill(served.token("robot", ["admin"], false));
    await program.page.getByRole("button", { name: "Log in" }).click();
    await program.page.getByText("this is for a person").waitFor();
    await closed(program);
  });

  test("the fleet is searched, filtered and sorted by the engine, and the address keeps it", async () => {
    const tab = await at("#/");
    const { page } = tab;
    const rows = page.locator("table.fleet tbody tr");
    await page.getByRole("link", { name: "web", exact: true }).waitFor();
    assert.equal(await rows.count(), 2);
    await page.getByText("waiting").first().waitFor();
    await keepScreenshot(page, "fleet");
    await page.getByLabel("Search workloads").fill("ap");
    await page.getByRole("link", { name: "web", exact: true }).waitFor({ state: "detached" });
    await page.getByRole("link", { name: "api", exact: true }).waitFor();
    assert.equal(await rows.count(), 1);
    await page.getByLabel("Search workloads").fill("");
    await page.getByRole("link", { name: "web", exact: true }).waitFor();
    await page.getByRole("button", { name: /waiting/ }).click();
    await page.getByRole("link", { name: "api", exact: true }).waitFor({ state: "detached" });
    assert.match(new URL(page.url()).hash, /state=waiting/);
    await page.getByRole("button", { name: /^all/ }).click();
    await page.getByRole("button", { name: "Need" }).click();
    await page.locator("th[aria-sort=ascending]", { hasText: "Need" }).waitFor();
    await page.getByRole("button", { name: "Need" }).click();
    await page.locator("th[aria-sort=descending]", { hasText: "Need" }).waitFor();
    await page.getByText("Savings and violations").click();
    await page.getByText("Saved against reactive-only").waitFor();
    await closed(tab);
  });

  test("what a tick changes shows without a reload", async () => {
    const tab = await at("#/workloads/api");
    const need = tab.page.locator(".figures div", { hasText: "Need now" }).locator("dd");
    await need.waitFor();
    const before = await need.textContent();
    await shop.tick({ api: 3 });
    await tab.page
      .locator(".figures div", { hasText: "Need now" })
      .locator("dd", { hasNotText: new RegExp(`^${before}$`) })
      .waitFor();
    assert.equal(await need.textContent(), String((await shop.engine.workload("api")).need));
    await closed(tab);
  });

  test("a workload shows past and forecast of each dimension, the plan, the marks, and why", async () => {
    const tab = await at("#/workloads/api");
    const { page } = tab;
    await page.getByRole("heading", { level: 3, name: "replicas" }).waitFor();
    for (const name of ["cpu", "replicas"])
      assert.ok(await page.getByRole("img", { name: new RegExp(`^${name}: `) }).isVisible(), name);
    const drawn = await page.evaluate(
      `[...document.querySelectorAll("canvas")].map((canvas) => new Set(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data).size)`,
    );
    assert.ok((drawn as number[]).length >= 2 && (drawn as number[]).every((colours) => colours > 10), `${drawn}`);
    await page.getByText("Skill over seasonal naive").first().waitFor();
    await page.getByRole("heading", { name: "Why" }).waitFor();
    await page
      .getByText(/replicas; it is done and verified/)
      .first()
      .waitFor();
    const users = page.getByRole("table", { name: "Who uses what now" });
    await users.getByRole("row", { name: /cpu \/usr\/bin\/shop \(1 process\) .* 100 % worker 100 %/ }).waitFor();
    await page
      .getByText(/Behind the growth of .*is used by \/usr\/bin\/shop/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "± 3 h" }).click();
    await keepScreenshot(page, "workload");
    await closed(tab);
  });

  test("approving names what will change, and the page follows it to its end", async () => {
    const { id } = await waiting();
    const tab = await at(`#/changesets/${id}`);
    const { page } = tab;
    await page.getByText("It waits for approval").waitFor();
    await keepScreenshot(page, "changeset");
    await page.getByRole("button", { name: "Approve", exact: true }).click();
    for (const change of (await shop.engine.changeset(id)).changes!)
      await dialog(page).getByText(`${change.resource}: ${change.property}`).first().waitFor();
    await keepScreenshot(page, "confirm");
    assert.deepEqual(await seriousFindings(page), []);
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
    assert.equal((await shop.engine.changeset(id)).state, "awaiting-approval");
    await page.getByRole("button", { name: "Approve", exact: true }).click();
    await dialog(page).getByRole("button", { name: "Approve and apply" }).click();
    await page.getByText("It is done and verified").waitFor();
    const { state, approvedBy } = await shop.engine.changeset(id);
    assert.deepEqual([state, approvedBy], ["done", "ann"]);
    await closed(tab);
  });

  test("what was carried out is rolled back, and what waits is rejected", async () => {
    const done = (await shop.engine.changesets("web")).find(({ state }) => state === "done")!;
    const tab = await at(`#/changesets/${done.id}`);
    const { page } = tab;
    await page.getByRole("button", { name: "Roll back" }).click();
    await dialog(page).getByText("This is proposed:").waitFor();
    await dialog(page).getByRole("button", { name: "Roll back" }).click();
    await page.getByText("It takes back").waitFor();
    const back = (await shop.engine.changesets("web")).find(({ reverses }) => reverses === done.id);
    assert.equal(back?.requestedBy, "ann");
    await shop.settle();
    const next = await nextWaiting(4);
    await page.evaluate(`location.hash = "#/changesets/${next.id}"`);
    await page.getByText("It waits for approval").waitFor();
    await page.getByRole("button", { name: "Reject", exact: true }).click();
    await dialog(page).getByRole("button", { name: "Reject" }).click();
    await page.getByText("It was rejected").waitFor();
    assert.equal((await shop.engine.changeset(next.id)).state, "rejected");
    await closed(tab);
  });

  test("freeze, pin and release are in reach, and are the engine's at once", async () => {
    const tab = await at("#/workloads/web");
    const { page } = tab;
    await page.getByRole("button", { name: "Freeze …" }).click();
    await dialog(page).getByLabel("Reason").fill("a quiet night");
    await dialog(page).getByRole("button", { name: "Freeze all workloads" }).click();
    await dialog(page).getByText("a quiet night").waitFor();
    const { freezes } = await shop.engine.holds();
    assert.deepEqual(
      freezes.map(({ workload, by, all, reason }) => [workload, by, all, reason]),
      [["*", "ann", false, "a quiet night"]],
    );
    await keepScreenshot(page, "holds");
    assert.deepEqual(await seriousFindings(page), []);
    await dialog(page).getByRole("button", { name: "Release all workloads" }).click();
    await dialog(page).getByText("the engine may act").waitFor();
    await dialog(page).getByRole("button", { name: "Close" }).click();

    await page.getByRole("button", { name: "Freeze or pin" }).click();
    await dialog(page).getByLabel("At least").fill("7");
    await dialog(page).getByLabel("At most").fill("3");
    await dialog(page).getByText("At least is more than at most").waitFor();
    await dialog(page).getByLabel("At most").fill("9");
    await dialog(page).getByRole("button", { name: "Pin web" }).click();
    await dialog(page).getByText("at least 7, at most 9").waitFor();
    assert.deepEqual(
      (await shop.engine.holds()).pins.map(({ workload, min, max, by }) => [workload, min, max, by]),
      [["web", 7, 9, "ann"]],
    );
    await dialog(page).getByRole("button", { name: "Release web" }).click();
    await dialog(page).getByText("the engine may act").waitFor();
    await dialog(page).getByRole("button", { name: "Close" }).click();
    await shop.tick();
    await page.reload();
    for (const text of ["all workloads frozen (by ann): a quiet night", "pinned to at least 7, at most 9 (by ann)"])
      await page.getByText(text).first().waitFor();
    await closed(tab);
  });

  test("a span is kept out of what is learnt, and taken back", async () => {
    const tab = await at("#/workloads/web");
    const { page } = tab;
    await page.getByRole("button", { name: "Quarantine …" }).click();
    await dialog(page).getByText("all that was measured is learnt").waitFor();
    const form = dialog(page);
    await form.getByText("Say why").waitFor();
    await form.getByLabel("Reason").fill("a load test");
    await form.getByLabel("From").fill("2026-11-24T08:00");
    await form.getByLabel("To,").fill("2026-11-24T07:00");
    await form.getByText("It ends after it begins").waitFor();
    await form.getByLabel("To,").fill("2026-11-24T09:00");
    await form.getByRole("button", { name: "Quarantine web" }).click();
    await form.getByText(/a load test \(by ann\)/).waitFor();
    const [added] = await shop.engine.quarantines("web");
    assert.deepEqual(
      [added.kind, added.reason, added.by, added.to! - added.from],
      ["marked", "a load test", "ann", 3600],
    );
    assert.deepEqual(await seriousFindings(page), []);
    await keepScreenshot(page, "quarantine");
    await form.getByRole("button", { name: "Take back" }).click();
    await form.getByText("all that was measured is learnt").waitFor();
    assert.equal((await shop.engine.quarantines("web"))[0].undone?.by, "ann");
    await closed(tab);
  });

  test("the ledger is paged, filtered, verified and exported; settings are shown", async () => {
    const tab = await at("#/ledger");
    const { page } = tab;
    await page.getByRole("button", { name: "Verify the chain" }).click();
    await page.getByText("● valid").waitFor();
    await keepScreenshot(page, "ledger");
    assert.deepEqual(await seriousFindings(page), []);
    await page.getByLabel("Kind").fill("decision");
    await page.getByLabel("Kind").press("Enter");
    await page.locator("tbody td:nth-child(3)", { hasText: "state" }).first().waitFor({ state: "detached" });
    await page.locator("tbody td:nth-child(3)", { hasText: "decision" }).first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: /Export/ }).click(),
    ]);
    assert.match(download.suggestedFilename(), /ndjson/);
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByText("utilisation: { cpu: 70%").waitFor({ state: "attached" });
    await keepScreenshot(page, "settings");
    assert.deepEqual(await seriousFindings(page), []);
    await closed(tab);
  });

  test("pages fit a phone and stay readable, by day and by night", async () => {
    const phone = { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true };
    const { id } = (await shop.engine.changesets("web"))[0];
    for (const colorScheme of ["light", "dark"] as const)
      for (const [name, options] of [
        ["phone", { ...phone, colorScheme }],
        ["desk", { colorScheme }],
      ] as const) {
        const tab = await at("#/", options);
        for (const place of ["", "waiting", "workloads/api", `changesets/${id}`, "ledger"]) {
          await tab.page.evaluate(`location.hash = "#/${place}"`);
          await tab.page.locator("main h1").waitFor();
          await tab.page.waitForLoadState("networkidle").catch(() => {});
          if (place.startsWith("workloads")) await tab.page.getByRole("heading", { name: "replicas" }).waitFor();
          await keepScreenshot(tab.page, `${name}-${colorScheme}-${place.split("/")[0] || "fleet"}`);
          assert.deepEqual(await seriousFindings(tab.page), [], `${name} ${colorScheme} ${place}`);
          assert.ok((await overflow(tab.page)) <= 0, `${name} ${place} is wider than the window`);
        }
        await closed(tab);
      }
  });

  test("while the engine is away the page says so, and it is itself again when the engine is back", async () => {
    const tab = await at("#/workloads/web", {}, /ERR_|401|Failed to load/);
    const { page } = tab;
    const away = page.getByText("The engine is away");
    await page.getByRole("heading", { name: "replicas" }).waitFor();
    await served.stop();
    await away.waitFor();
    await keepScreenshot(page, "away");
    await shop.tick({ web: 1.2 });
    await served.start(false);
    await away.waitFor({ state: "detached" });
    const { need } = await shop.engine.workload("web");
    await page
      .locator(".figures div", { hasText: "Need now" })
      .locator("dd", { hasText: new RegExp(`^${need}$`) })
      .waitFor();

    await served.stop();
    await away.waitFor();
    await served.start(true);
    await page.getByText("Log in again").waitFor();
    await page.getByLabel("Token").fill(served.token("bo", ["approve"], true));
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { level: 1, name: "web" }).waitFor();
    await closed(tab);
  });
});
