import { createHash } from "node:crypto";
import type { Alert, AlertEvent } from "./alert.ts";

type Labels = Readonly<Record<string, string>>;

interface PayloadAlert {
  readonly status: "firing" | "resolved";
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
}

/** The body of Alertmanager's webhook, version 4 (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config). */
export interface WebhookPayload {
  readonly version: "4";
  readonly groupKey: string;
  readonly truncatedAlerts: number;
  readonly status: "firing" | "resolved";
  readonly receiver: string;
  readonly groupLabels: Labels;
  readonly commonLabels: Labels;
  readonly commonAnnotations: Labels;
  readonly externalURL: string;
  readonly alerts: readonly PayloadAlert[];
}

/** Alerts in one message; Alertmanager's `max_alerts` does the same. */
const MOST_ALERTS = 100;
/** What Go writes for no time: Alertmanager's receivers expect it in `endsAt` while an alert fires. */
const NO_TIME = "0001-01-01T00:00:00Z";
const NAMES: Partial<Record<Alert["subject"], string>> = {
  incident: "ForeshadowIncident",
  joint: "ForeshadowJointAnomaly",
};

/** Alerts of one workload as one message: a group, as Alertmanager would make it with `group_by: [workload]`. */
export function webhookPayload(events: readonly AlertEvent[]): WebhookPayload {
  const alerts = events.slice(0, MOST_ALERTS).map(({ alert }) => payloadAlert(alert));
  const workload = events[0].alert.workload;
  return {
    version: "4",
    groupKey: `{}:{workload=${JSON.stringify(workload)}}`,
    truncatedAlerts: events.length - alerts.length,
    status: alerts.some(({ status }) => status === "firing") ? "firing" : "resolved",
    receiver: "foreshadow",
    groupLabels: { workload },
    commonLabels: common(alerts.map(({ labels }) => labels)),
    commonAnnotations: common(alerts.map(({ annotations }) => annotations)),
    externalURL: "",
    alerts,
  };
}

function payloadAlert(alert: Alert): PayloadAlert {
  const { workload, subject, value, expected, multiple, movers, resolvedAt } = alert;
  const labels = {
    alertname: NAMES[subject] ?? "ForeshadowAnomaly",
    dimension: subject,
    severity: subject === "incident" ? "critical" : "warning",
    workload,
  };
  const processes = movers.map(
    ({ host, pid, executable, before, now }) => `${executable} (${pid}@${host}) ${before} → ${now}`,
  );
  return {
    status: resolvedAt === undefined ? "firing" : "resolved",
    labels,
    annotations: {
      summary: alert.text,
      multiple: String(multiple),
      ...(value === undefined ? {} : { value: String(value) }),
      ...(expected === undefined ? {} : { expected: String(expected) }),
      ...(processes.length === 0 ? {} : { processes: processes.join(", ") }),
    },
    startsAt: time(alert.openedAt),
    endsAt: resolvedAt === undefined ? NO_TIME : time(resolvedAt),
    generatorURL: "",
    fingerprint: fingerprint(labels),
  };
}

function time(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** Sixteen hexadecimal digits that depend on the labels alone. Receivers tell alerts apart by them. */
function fingerprint(labels: Labels): string {
  return createHash("sha256")
    .update(JSON.stringify(Object.entries(labels).sort()))
    .digest("hex")
    .slice(0, 16);
}

function common(all: readonly Labels[]): Labels {
  const [first, ...others] = all;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((labels) => labels[name] === value)),
  );
}
