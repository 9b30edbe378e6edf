import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { Alert, AlertEvent } from "./alert.ts";
import { type WebhookPayload, webhookPayload } from "./alertmanager-payload.ts";
import { Webhook } from "./webhook.ts";

const ALERT: Alert = {
  id: "web/cpu/1000",
  workload: "web",
  subject: "cpu",
  openedAt: 1000,
  updatedAt: 1000,
  value: 9,
  expected: 3,
  multiple: 6,
  movers: [{ host: "h", pid: 7, executable: "/bin/web", before: 1, now: 6 }],
  text: "web: cpu is 9",
};
const OPENED: AlertEvent = { change: "opened", alert: ALERT };
const OVER: AlertEvent = { change: "resolved", alert: { ...ALERT, resolvedAt: 1060 } };

/** A receiver that answers as told, then 200. */
async function receiver(statuses: readonly number[]) {
  const bodies: WebhookPayload[] = [];
  const answers = [...statuses];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    bodies.push(JSON.parse(text) as WebhookPayload);
    response.writeHead(answers.shift() ?? 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`;
  return { url, bodies, close: () => server.close() };
}

async function until(holds: () => boolean) {
  for (let i = 0; i < 500 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 4));
  assert.ok(holds());
}

test("the payload is Alertmanager's: a firing alert has no end, a resolved one has, and both have one fingerprint", () => {
  const firing = webhookPayload([OPENED]);
  assert.equal(firing.version, "4");
  assert.equal(firing.status, "firing");
  assert.equal(firing.groupKey, '{}:{workload="web"}');
  assert.deepEqual(firing.commonLabels, {
    alertname: "ForeshadowAnomaly",
    dimension: "cpu",
    severity: "warning",
    workload: "web",
  });
  const [alert] = firing.alerts;
  assert.equal(alert.startsAt, "1970-01-01T00:16:40.000Z");
  assert.equal(alert.endsAt, "0001-01-01T00:00:00Z");
  assert.equal(alert.annotations.processes, "/bin/web (7@h) 1 → 6");
  const over = webhookPayload([OVER]);
  assert.equal(over.status, "resolved");
  assert.equal(over.alerts[0].endsAt, "1970-01-01T00:17:40.000Z");
  assert.equal(over.alerts[0].fingerprint, alert.fingerprint);
  assert.match(alert.fingerprint, /^[0-9a-f]{16}$/);
});

test("what differs between alerts is no common label, and too many are cut and counted", () => {
  const other: AlertEvent = { change: "opened", alert: { ...ALERT, subject: "memory" } };
  const payload = webhookPayload([OPENED, other, ...new Array<AlertEvent>(110).fill(OPENED)]);
  assert.equal(payload.commonLabels.dimension, undefined);
  assert.equal(payload.alerts.length, 100);
  assert.equal(payload.truncatedAlerts, 12);
});

test("a receiver that fails for a while gets the alert later, in order", async () => {
  const { url, bodies, close } = await receiver([503, 429]);
  const webhook = new Webhook({ url, timeout: 2, say: assert.fail, firstWait: 1 });
  webhook.notify([OPENED]);
  webhook.notify([OVER]);
  await until(() => webhook.figures.delivered === 2);
  assert.deepEqual(
    bodies.map(({ status }) => status),
    ["firing", "firing", "firing", "resolved"],
  );
  await webhook.close();
  close();
});

test("a refusal is final, a receiver that never answers is given up, and a person is told once", async () => {
  const refusing = await receiver([400, 400]);
  const said: string[] = [];
  const webhook = new Webhook({ url: refusing.url, timeout: 2, say: (text) => said.push(text), firstWait: 1 });
  webhook.notify([OPENED]);
  webhook.notify([OPENED]);
  await until(() => webhook.figures.failed === 2);
  assert.equal(refusing.bodies.length, 2);
  assert.deepEqual(said, ["an alert did not reach the webhook: it answered 400"]);
  refusing.close();
  let tries = 0;
  const hang: typeof fetch = (_, init) =>
    new Promise((_resolve, reject) => {
      tries++;
      init?.signal?.addEventListener("abort", () => reject(new Error("timed out")));
    });
  const deaf = new Webhook({ url: "http://127.0.0.1:1", timeout: 0.002, say: () => {}, fetch: hang, firstWait: 1 });
  // Nothing else may keep the process alive meanwhile: a timeout of a fetch does not.
  const alive = setInterval(() => {}, 1000);
  deaf.notify([OPENED]);
  await until(() => deaf.figures.failed === 1);
  clearInterval(alive);
  assert.equal(tries, 5);
});

test("alerts that wait are bounded, telling them never blocks, and a stop does not wait for a receiver", async () => {
  const never: typeof fetch = (_, init) =>
    new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("stopped"))));
  const webhook = new Webhook({ url: "http://127.0.0.1:1", timeout: 60, say: () => {}, fetch: never });
  for (let i = 0; i < 250; i++) webhook.notify([OPENED]);
  assert.ok(webhook.figures.waiting <= 100);
  assert.ok(webhook.figures.dropped >= 149);
  await webhook.close();
});
