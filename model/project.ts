import { z } from "zod";
import { address, connection, isPrivate, secret } from "./connection/connection.ts";
import { parseYaml, problemIn } from "./document.ts";
import { isListenAddress, isOpenAddress } from "./listen-address.ts";
import { plannedEvents } from "./planned-event.ts";
import { bytes, duration, instant, name, version } from "./schema.ts";
import { expectedOfTerraform, terraformSetting } from "./terraform-setting.ts";

const path = z.string().min(1).max(4096);

const seriesLabels = z
  .record(z.string().regex(/^[a-zA-Z_][\w.:/-]{0,127}$/, "the name of a label"), z.string().min(1).max(200))
  .refine((labels) => Object.keys(labels).length > 0, "a label at least");

/** A named signal: of a server that answers PromQL, or of series that come in. */
const signal = z.union(
  [
    z.strictObject({ promql: z.string().min(1).max(10_000) }),
    z.strictObject({ metric: z.string().min(1).max(200), labels: seriesLabels.optional() }),
  ],
  { error: () => "{ promql: EXPRESSION } or { metric: NAME, labels: { … } }" },
);

const pattern = z.string().min(1).max(256);

/** Containers by what Docker, containerd, Podman, CRI-O or Kubernetes call them; `*` stands for any text. */
const container = z
  .strictObject({
    name: pattern.optional(),
    /** Of Kubernetes. */
    pod: pattern.optional(),
    namespace: pattern.optional(),
    labels: z.record(z.string().min(1).max(317), pattern).optional(),
  })
  .refine((value) => Object.keys(value).length > 0, "one of name, pod, namespace, labels");

export type ContainerSelector = z.output<typeof container>;

const selector = z
  .strictObject({
    cgroup: path.optional(),
    container: container.optional(),
    systemd: z.string().min(1).optional(),
    executable: path.optional(),
    port: z.number().int().min(1).max(65535).optional(),
    pidFile: path.optional(),
    /** Of series that others measure: labels or attributes and their values, `*` for any text. */
    labels: seriesLabels.optional(),
    /** A directory on the workload's volume: its used bytes are the storage series. */
    volume: path.optional(),
    /** How long a new process is in warm-up: what it uses then is usage, and no demand. */
    warmUp: duration.optional(),
  })
  .refine(
    (value) => Object.keys(value).some((key) => key !== "volume" && key !== "warmUp"),
    "one of cgroup, container, systemd, executable, port, pidFile, labels",
  )
  .refine(
    (value) => value.labels === undefined || Object.keys(value).length === 1,
    "labels alone: what others measure is no process of a host",
  );

/** Runtimes whose programs' functions can be told. */
export const PROFILED_RUNTIMES = ["node", "go", "python"] as const;
export type ProfiledRuntime = (typeof PROFILED_RUNTIMES)[number];

/** Who may be profiled: nobody without it. */
const functions = z.strictObject({
  runtimes: z.array(z.enum(PROFILED_RUNTIMES)).min(1).max(PROFILED_RUNTIMES.length),
  /** Where Go programs serve `/debug/pprof`; by default it is looked for among the process's ports. */
  port: z.number().int().min(1).max(65535).optional(),
});

const workload = z.strictObject({
  name,
  select: selector,
  stack: z.strictObject({ dir: path, name }),
  constraints: path,
  /** What replicas may be bought as: `aws`, `gcp` or `azure`, which come along, or the path of a catalogue file. */
  catalogue: path.optional(),
  /** Names of the stack's resources that are this workload's; `*` stands for any text. */
  resources: z.array(z.string().min(1).max(256)).max(1000).default([]),
  mode: z.enum(["observe", "review", "auto"]).default("observe"),
  /** Seconds from decision to ready capacity that are assumed until enough have been measured. */
  leadTime: duration.prefault("5m"),
  /** File in which a target on this host says how many replicas are ready (the local stack's output `statusFile`). */
  statusFile: path.optional(),
  /** Workloads whose forecasts may add capacity while this one has too short a past for its own. */
  coldStart: z.strictObject({ like: z.array(name).min(1).max(10) }).optional(),
  signals: z.record(name, signal).default({}),
  functions: functions.optional(),
});

const mark = z.strictObject({
  at: instant,
  for: duration.refine((seconds) => seconds > 0 && seconds <= 31 * 86_400, "a duration above 0 and at most 31d"),
  kind: z.enum(["deploy", "marked"]).default("deploy"),
  /** Without it, all workloads. */
  workload: name.optional(),
  reason: z.string().max(1000).default("marked in the project file"),
});

const webhook = z.strictObject({
  /** Takes Alertmanager's webhook payload, version 4. */
  url: z.url({ protocol: /^https?$/, error: "an address of http or https" }),
  timeout: duration.refine((seconds) => seconds >= 0.1 && seconds <= 60, "a duration from 100ms to 60s").prefault("5s"),
});

const remote = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/, "the name of a git remote");

const github = z.strictObject({
  repository: z.string().regex(/^[A-Za-z0-9-]{1,39}\/[A-Za-z0-9._-]{1,100}$/, "a repository as owner/name"),
  /** The REST API; of GitHub Enterprise Server `https://HOST/api/v3`. */
  api: z
    .url({ protocol: /^https?$/, error: "an address of https" })
    .refine(isPrivate, "an address of https: a token would be readable on the way")
    .default("https://api.github.com"),
  token: secret,
  /** The remote of the local repository that is this repository on GitHub. */
  remote: remote.default("origin"),
  /** How often pull requests are looked at, besides when a webhook tells. */
  poll: duration.refine((seconds) => seconds >= 15 && seconds <= 3600, "a duration from 15s to 1h").prefault("1m"),
  webhook: z
    .strictObject({
      listen: z.string().refine(isListenAddress, "a loopback address such as 127.0.0.1:9478").default("127.0.0.1:9478"),
      secret,
    })
    .optional(),
});

const atLeast = (least: number, most: number, message: string) =>
  duration.refine((seconds) => Number.isInteger(seconds) && seconds >= least && seconds <= most, message);

/** How processes of workloads with `functions` are profiled. */
const profiles = z.strictObject({
  /** Between two rounds of profiles of a workload; another comes when it grows. */
  every: atLeast(60, 86_400, "whole seconds from 1m to 24h").prefault("10m"),
  /** How long a process is profiled. */
  window: atLeast(1, 30, "whole seconds from 1s to 30s").prefault("10s"),
  /** Processes of a workload that are profiled in a round. */
  processes: z.number().int().min(1).max(10).default(3),
  /** Where the newest profiles are kept as files of pprof. */
  directory: path.optional(),
});

/** How the agent's vectors get to the engine. */
const send = connection({
  /** Where OTLP/HTTP is taken, without `/v1/metrics`; by default where this project's intake listens. */
  url: address.optional(),
  /** What is kept of vectors that cannot be delivered: in memory, or in a directory where it outlives the agent. */
  buffer: z.strictObject({ directory: path.optional(), size: bytes.prefault("64MiB") }).prefault({}),
});

/** Where the API and the web page are served besides the store's socket. */
const api = z
  .strictObject({
    /** `none` for nowhere. Without it, on loopback where that port is free. */
    listen: z.string().min(1).max(300).optional(),
    /** PEM of the certificate and its key: TLS. */
    certificate: path.optional(),
    key: path.optional(),
    /** A proxy in front ends TLS and says in X-Forwarded-For who calls. */
    proxy: z.boolean().default(false),
    /** Names by which it is called, besides those of loopback and of `listen`. */
    hosts: z.array(z.string().min(1).max(253)).max(100).default([]),
  })
  .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
    path: ["key"],
    error: "certificate and key, or neither",
  });

const every = (usual: string) =>
  duration.refine((seconds) => seconds >= 1 && seconds <= 300, "a duration from 1s to 5m").prefault(usual);

/** A page of metrics that the engine reads. */
const scraped = connection({ url: address, every: every("15s"), labels: seriesLabels.default({}) });

/** A server that answers PromQL. */
const prometheus = connection({ url: address, every: every("15s") });

/** Where traces of decisions go by OTLP/HTTP, without `/v1/traces`: what they tell of infrastructure is not for all to read on the way. */
const traces = connection({
  url: address.refine(isPrivate, "an address of https, or one of this host such as http://127.0.0.1:4318"),
});

/** Where usage is taken, and from whom. */
const intake = z
  .strictObject({
    listen: z
      .string()
      .refine(isOpenAddress, "an address such as 127.0.0.1:4318 or 0.0.0.0:4318")
      .default("127.0.0.1:4318"),
    /** PEM of certificate and key; `clients`: of the authorities of clients, which then have to show a certificate. */
    tls: z.strictObject({ certificate: path, key: path, clients: path.optional() }).optional(),
    /** Whether senders need a token of the scope `agent`; by default beyond loopback. */
    tokens: z.boolean().optional(),
    /** Series of other measurers that one sender may have. */
    series: z.number().int().min(1).max(1_000_000).default(10_000),
  })
  .superRefine(({ listen, tls, tokens }, context) => {
    if (isListenAddress(listen) || (tls !== undefined && tokens !== false)) return;
    const message = `a loopback address, or ${tls === undefined ? "intake.tls besides" : "tokens, which are needed there"}`;
    context.addIssue({ code: "custom", message, input: listen, path: ["listen"] });
  });

/** `foreshadow.yaml`: the workloads, where each is, what governs it. */
export const projectFile = z.strictObject({
  version,
  store: z
    .string()
    .regex(/^sqlite:.+/, "sqlite:DIRECTORY")
    .default("sqlite:.foreshadow"),
  /** node-cron expression of the ticks, with an optional seconds field first. */
  schedule: z.string().default("* * * * *"),
  agent: z
    .strictObject({
      interval: duration.prefault("1s"),
      listen: z.string().default("127.0.0.1:9477"),
      /** Processes of a workload that are told one by one; the others are told together, by executable. */
      processes: z.number().int().min(0).max(1000).default(20),
      send: send.prefault({}),
      profiles: profiles.prefault({}),
    })
    .prefault({}),
  api: api.prefault({}),
  intake: intake.prefault({}),
  scrapes: z.array(scraped).max(1000).default([]),
  prometheus: prometheus.optional(),
  /** Seconds of demand in one step of the forecasts: the tick of the engine. */
  step: duration.prefault("1m"),
  /** How often a plan is published, the width of its slots, and how many steps it may have. */
  plan: z
    .strictObject({
      every: duration.prefault("1h"),
      granularity: duration.prefault("5m"),
      steps: z.number().int().min(1).max(1000).default(100),
    })
    .prefault({}),
  /** How long a proposal is kept in git after its changeset has come to its end. */
  proposals: z.strictObject({ keep: duration.prefault("90d") }).prefault({}),
  /** What a change is judged by besides the constraints: `foreshadow` is the pack that comes along, others are paths. */
  policy: z
    .strictObject({ packs: z.array(path).max(20).default([]), requiredTags: z.array(z.string().min(1)).default([]) })
    .prefault({}),
  /** The length of the daily season. Other than 24h only where time is compressed, as in the demo. */
  season: duration.prefault("24h"),
  /** What is known beforehand to change demand. */
  events: plannedEvents.prefault({}),
  /** Spans of time that are kept out of what is learnt, and in which nothing is released: deploys, incidents. */
  marks: z.array(mark).max(1000).default([]),
  /** Where alerts go besides the engine's own stream. */
  alerts: z.strictObject({ webhook: webhook.optional() }).prefault({}),
  /** Engines with stores of their own that share the stacks: by which remote they agree who acts, and how long one is waited for. */
  engines: z
    .strictObject({
      /** A git remote whose branch counts for all of them; `.` where they share the repository itself. */
      remote: z.union([remote, z.literal(".")], { error: () => "the name of a git remote, or ." }),
      lease: duration.refine((seconds) => seconds >= 2 && seconds <= 3600, "a duration from 2s to 1h").prefault("1m"),
    })
    .optional(),
  traces: traces.optional(),
  /** Where proposals are reviewed besides in git itself. */
  review: z
    .strictObject({ github: github.optional(), publish: remote.optional(), terraform: terraformSetting })
    .prefault({}),
  workloads: z.array(workload).min(1).max(100_000),
});

/** With what no field can tell of by itself. */
const checkedProject = projectFile.superRefine(({ review: { terraform }, workloads }, context) => {
  const message = expectedOfTerraform(
    terraform,
    workloads.map(({ stack }) => stack),
  );
  if (message !== undefined)
    context.addIssue({ code: "custom", message, input: terraform, path: ["review", "terraform"] });
});

export type Project = z.output<typeof projectFile>;
export type Workload = Project["workloads"][number];
export type Mode = Workload["mode"];
export type Selector = Workload["select"];
export type GitHubReview = NonNullable<Project["review"]["github"]>;

/**
 * Reads a project file.
 *
 * @throws InputError with file, line, path and what was expected
 */
export function parseProject(text: string, file: string): Project {
  const project = parseYaml(text, file, checkedProject);
  for (const [index, workload] of project.workloads.entries())
    for (const [signalName, source] of Object.entries(workload.signals))
      if ("promql" in source && project.prometheus === undefined)
        throw problemIn(text, file, ["workloads", index, "signals", signalName], {
          expected: "`prometheus: { url: … }` in this file, which the expression is asked of",
          found: "none",
        });
  return project;
}
