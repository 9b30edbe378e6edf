import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Capacity } from "../../model/capacity.ts";
import type { Changeset, PropertyChange } from "../../model/changeset.ts";
import { constraintsOf, forecastOf, inputOf } from "../orchestrator/decide-fixture.ts";
import { encodeDecideInput } from "../orchestrator/decide-json.ts";
import { outlookOf } from "./changeset-outlook.ts";
import { type PullRequestPart, pullRequestText, statusText } from "./pull-request-text.ts";

const CAPACITY: Capacity = {
  owns: "desired",
  replicas: { count: 2 },
  plan: [],
  perReplica: { cpu: 1, memory: 2 ** 30 },
  storage: {},
  network: {},
};
const change = (rest: Partial<PropertyChange> = {}): PropertyChange => ({
  urn: "urn:web",
  type: "local:Pool",
  resource: "web",
  operation: "update",
  property: "replicas",
  before: 2,
  after: 4,
  ...rest,
});
const changeset = (rest: Partial<Changeset> = {}): Changeset => ({
  id: "cs-1",
  workload: "web",
  stack: { dir: ".", name: "dev" },
  state: "awaiting-approval",
  createdAt: 1_800_000_000,
  updatedAt: 1_800_000_000,
  revision: 3,
  before: CAPACITY,
  after: { ...CAPACITY, replicas: { count: 4 } },
  reasons: [
    { kind: "telemetry", text: "all report" },
    { kind: "forecast", series: "cpu", text: "cpu rises" },
    { kind: "driver", series: "cpu", text: "cpu: 90 % is used by /bin/web (pid 3)" },
  ],
  changes: [change()],
  reversibility: "exact",
  commit: "c".repeat(40),
  previewDigest: "d".repeat(64),
  notes: ["mode: review"],
  ...rest,
});
const part = (rest: Partial<Changeset> = {}, more: Partial<PullRequestPart> = {}): PullRequestPart => ({
  changeset: changeset(rest),
  outlook: { forecasts: [] },
  diff: "-  replicas: { count: 2 }\n+  replicas: { count: 4 }\n",
  expiresAt: 1_800_604_800,
  ...more,
});

describe("the text of a pull request", () => {
  it("begins with the verdict: counts, price, way back, policy", () => {
    const price = { p10: 1, p50: 1.5, p90: 2.25, asked: 2 };
    const { title, body } = pullRequestText("dev", [part({}, { outlook: { price, forecasts: [] } })]);
    assert.equal(title, "web: replicas 2 → 4");
    assert.deepEqual(body.split("\n").slice(2, 7), [
      "- **Waits for a merge**, until 2027-01-22T08:00Z: mode&#58; review",
      "- **Changes**: 1 property of 1 resource (1 to update)",
      "- **Price**: 2.00 USD/h as asked for; what will be needed costs 1.00 USD/h to 2.25 USD/h (p10 to p90, p50 1.50 USD/h)",
      "- **Way back**: exact, rehearsed",
      "- **Constraints and policy**: nothing against it",
    ]);
    assert.match(body, /\nforeshadow approve cs-1\n/);
  });

  it("says of each property why, and who drove it", () => {
    const { body } = pullRequestText("dev", [part()]);
    assert.match(body, /\| 2 → 4 \| cpu rises; cpu&#58; 90 % is used by \/bin\/web &#40;pid 3&#41; \|/);
  });

  it("shows price and forecast that the evidence gives, recomputed", () => {
    const input = inputOf({
      forecasts: { memory: forecastOf("memory", 1), cpu: forecastOf("cpu", 12, 14) },
      constraints: constraintsOf("cost: { perReplica: 0.50 USD/h }"),
    });
    const evidence = {
      decidedAt: input.now,
      input: encodeDecideInput(input),
      inputDigest: "e".repeat(64),
      models: [],
      node: "24",
      version: "1",
    };
    const outlook = outlookOf({ evidence, reasons: [{ kind: "forecast", series: "cpu", text: "cpu rises" }] });
    assert.deepEqual(
      outlook.forecasts.map(({ series }) => series),
      ["cpu", "memory"],
      "what the reasons name comes first",
    );
    const { body } = pullRequestText("dev", [part({ evidence }, { outlook })]);
    assert.match(body, /\*\*Forecast of cpu of web\*\*/);
    assert.match(body, /─/);
    assert.match(body, /\*\*Price\*\*: \d+\.\d\d USD\/h as asked for/);
  });

  it("keeps within what GitHub takes, the verdict and the trailers first of all", () => {
    const changes = Array.from({ length: 500 }, (_, i) =>
      change({ urn: `urn:${i}`, resource: `pool-${"x".repeat(90)}-${i}` }),
    );
    const reasons = Array.from({ length: 200 }, () => ({ kind: "demand", text: "漢".repeat(1000) }) as const);
    const { title, body } = pullRequestText("dev", [
      part({ changes, reasons, workload: "w".repeat(63) }, { diff: "+x\n".repeat(100_000) }),
      part({ id: "cs-2" }),
    ]);
    assert.ok(Buffer.byteLength(body) <= 65_536, `${Buffer.byteLength(body)} bytes`);
    assert.ok(title.length <= 256);
    assert.match(body, /Foreshadow-Changeset: cs-1\nForeshadow-Changeset: cs-2$/);
    const [, more] = /and (\d+) more/.exec(body) ?? [];
    assert.equal((body.match(/^\| <code>pool/gm)?.length ?? 0) + Number(more), 500);
    assert.match(body, /^\+x\n… cut here; all of it: git show c{40}\n```/m);
  });

  it("is not steered by names", () => {
    const evil = "</details>\n## @all | <img src=x> `x` [a](http://x) \u202e";
    const { title, body } = pullRequestText("dev", [
      part(
        {
          changes: [change({ resource: evil, property: evil, before: evil })],
          notes: [evil],
          policyViolations: [evil],
        },
        { diff: `+${evil}\n\`\`\`\n` },
      ),
    ]);
    const outside = body.replaceAll(/^(`{3,})[^\n]*\n.*?\n\1$/gms, "");
    assert.doesNotMatch(outside, /<img|@all|http:\/\/|\u202e/);
    assert.equal(outside.match(/<\/details>/g)?.length, outside.match(/<details>/g)?.length);
    assert.equal(outside.split("\n").filter((line) => line.startsWith("#")).length, 1);
    assert.doesNotMatch(title, /\n/);
  });

  it("with several changesets says how to merge them", () => {
    const { title, body } = pullRequestText("dev", [part(), part({ id: "cs-2", workload: "api" })]);
    assert.equal(title, "dev: capacity of web, api");
    assert.match(body, /a squash of several changes into one is not applied/);
  });
});

describe("the comment", () => {
  it("says where each stands and what came of it", () => {
    const text = statusText(
      [changeset({ state: "done", approvedBy: "octocat", leadTime: 41.6, ready: 4 })],
      ["a note"],
    );
    assert.match(text, /\| \*\*done\*\* \| approved by octocat; in force 42 s after the decision; 4 replicas ready \|/);
    assert.match(text, /a note$/);
  });
});
