import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesName } from "../../../model/bound-resources.ts";
import { name as nameSchema } from "../../../model/schema.ts";
import { findWorkloads } from "./find-workloads.ts";

const found = (source: string, ...labels: Record<string, string>[]) =>
  findWorkloads(labels.map((one) => ({ source, labels: new Map(Object.entries(one)) })));

test("pods are those of one owner, whatever kind of owner it is", () => {
  const pods = [
    "web-7d4b9c6f5d-x2k9z",
    "web-7d4b9c6f5d-b4nqp",
    "web-admin-54f5dbbc9-7xk2p",
    "old-1482951334-b7x4z",
    "db-0",
    "db-11",
    "logs-x2k9z",
    "report-28391820-q4w7p",
    "alone",
  ].map((pod) => ({ namespace: "shop", pod, container: "app" }));
  assert.deepEqual(
    found("cAdvisor", ...pods).map(({ name, kind, labels }) => [name, kind, labels.pod, labels.namespace]),
    [
      ["web-admin", "pods", "web-admin-*", "shop"],
      ["report", "pods", "report-*", "shop"],
      ["logs", "pods", "logs-*", "shop"],
      ["alone", "pods", "alone", "shop"],
      ["old", "pods", "old-*", "shop"],
      ["web", "pods", "web-*", "shop"],
      ["db", "pods", "db-*", "shop"],
    ],
  );
});

test("of two whose patterns fit a pod the more specific comes first", () => {
  const workloads = found(
    "cAdvisor",
    { namespace: "shop", pod: "web-7d4b9c6f5d-x2k9z" },
    { namespace: "shop", pod: "web-admin-54f5dbbc9-7xk2p" },
  );
  const first = workloads.find(({ labels }) => matchesName([labels.pod], "web-admin-54f5dbbc9-7xk2p"));
  assert.equal(first?.name, "web-admin");
});

test("a word without vowels is a suffix, one with them is a part of the name", () => {
  assert.deepEqual(
    found("cAdvisor", { namespace: "a", pod: "payment-service-x2k9z" }, { namespace: "a", pod: "cache-redis" }).map(
      ({ name }) => name,
    ),
    ["payment-service", "cache-redis"],
  );
});

test("an owner that labels name is taken at its word", () => {
  const [workload] = found("kubelet (OpenTelemetry's receiver)", {
    k8s_namespace_name: "shop",
    k8s_pod_name: "web-x",
    k8s_deployment_name: "web",
  });
  assert.deepEqual(workload, {
    name: "web",
    kind: "pods",
    labels: { k8s_namespace_name: "shop", k8s_deployment_name: "web" },
  });
});

test("names are those that a project file takes, and each is there once", () => {
  const workloads = found(
    "cAdvisor",
    { namespace: "a", pod: "web-0" },
    { namespace: "b", pod: "web-0" },
    { name: "Web" },
    { name: "web_1" },
    { name: "1ST.Shop" },
    { name: "ключ" },
    { name: `${"x".repeat(80)}y` },
  );
  const names = workloads.map(({ name }) => name);
  assert.equal(new Set(names).size, 7);
  for (const name of names) assert.ok(nameSchema.safeParse(name).success, name);
  assert.deepEqual(names.filter((name) => /web/.test(name)).sort(), ["a-web", "b-web", "web", "web-2"]);
});

test("units, process groups, services, the agent's own, jobs and machines", () => {
  const kinds = findWorkloads([
    {
      source: "cAdvisor, systemd services",
      labels: new Map([
        ["id", "/system.slice/nginx.service"],
        ["job", "cadvisor"],
      ]),
    },
    {
      source: "process-exporter",
      labels: new Map([
        ["groupname", "shop"],
        ["job", "procs"],
        ["instance", "a"],
      ]),
    },
    { source: "OpenTelemetry process", labels: new Map([["service_name", "cart"]]) },
    { source: "foreshadow agent's page", labels: new Map([["foreshadow_workload", "own"]]) },
    {
      source: "Prometheus client libraries",
      labels: new Map([
        ["job", "api"],
        ["instance", "a:80"],
      ]),
    },
    {
      source: "Prometheus client libraries",
      labels: new Map([
        ["job", "node"],
        ["instance", "a:9100"],
      ]),
    },
    {
      source: "node_exporter",
      labels: new Map([
        ["job", "node"],
        ["instance", "a:9100"],
      ]),
    },
    { source: "OpenTelemetry system", labels: new Map([["host_name", "b"]]) },
  ]);
  assert.deepEqual(kinds.map(({ name, kind }) => `${name}: ${kind}`).sort(), [
    "api: job",
    "b: machines",
    "cart: service",
    "nginx: service unit",
    "node: machines",
    "own: agent",
    "shop: process group",
  ]);
});
