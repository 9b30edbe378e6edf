import { firstOf } from "../mapping/attribution.ts";
import type { Labels } from "../mapping/sample.ts";
import type { FoundWorkload, WorkloadKind } from "./usage-history.port.ts";

/** Labels of a series of CPU, the source that told it, and how many such series there were. */
export interface FoundSeries {
  readonly labels: Labels;
  /** As in the table of what is understood. */
  readonly source: string;
}

type Group = Omit<FoundWorkload, "name"> & { readonly title: string; readonly scope: string };

const NAMESPACES = ["namespace", "k8s_namespace_name", "pod_namespace", "kubernetes_namespace"];
const PODS = ["pod", "k8s_pod_name", "pod_name"];
const OWNERS = [
  "k8s_deployment_name",
  "k8s_statefulset_name",
  "k8s_daemonset_name",
  "k8s_cronjob_name",
  "k8s_job_name",
];
const COMPOSED = ["container_label_com_docker_compose_service", "container_label_com_docker_swarm_service_name"];
const CONTAINERS = ["container_name", "name"];
const MACHINE_SOURCES = new Set(["node_exporter", "OpenTelemetry system"]);
const ITSELF = "Prometheus client libraries";

/** Labels that workloads are told apart by. */
export const IDENTITY: readonly string[] = [
  "foreshadow_workload",
  "service_name",
  ...NAMESPACES,
  ...PODS,
  ...OWNERS,
  ...COMPOSED,
  ...CONTAINERS,
  "container",
  "id",
  "groupname",
  "job",
  "instance",
  "host_name",
];

/** Kubernetes' random suffixes have no vowels and none of 0, 1, 3; older ones, and those of cron jobs, are digits. */
const SAFE = "[bcdfghjklmnpqrstvwxz2456789]";
const POD_SUFFIXES = [
  new RegExp(`-(${SAFE}{6,10}|\\d{8,10})-${SAFE}{5}$`),
  new RegExp(`-${SAFE}{5}$`),
  /-\d{8,10}$/,
  /-\d{1,4}$/,
];
/** Copies of a container, as compose numbers them and swarm does. */
const CONTAINER_SUFFIXES = [/\.\d+\.[a-z0-9]{20,30}$/, /[-_]\d{1,4}$/];

/**
 * The workloads that series belong to. Pods are those of one owner, which is read from labels or from how Kubernetes names pods
 * (https://kubernetes.io/docs/concepts/workloads/); containers those of one service; processes those of one group; what tells of itself
 * is its job, unless the job is an exporter that tells of others; machines are those of one job.
 */
export function findWorkloads(series: readonly FoundSeries[]): FoundWorkload[] {
  const exporters = new Set(series.filter(({ source }) => source !== ITSELF).map(({ labels }) => labels.get("job")));
  const groups = new Map<string, Group>();
  for (const one of series) {
    const group = groupOf(one, exporters);
    if (group !== undefined) groups.set(JSON.stringify([group.kind, group.labels]), group);
  }
  return named(
    [...groups.values()].sort((a, b) => a.title.localeCompare(b.title) || a.scope.localeCompare(b.scope)),
  ).sort(moreSpecific);
}

function groupOf({ labels, source }: FoundSeries, exporters: ReadonlySet<string | undefined>): Group | undefined {
  const group = (kind: WorkloadKind, title: string, own: Record<string, string>, scope = ""): Group => ({
    kind,
    title,
    scope,
    labels: own,
  });
  const at = (names: readonly string[]) => names.find((name) => (labels.get(name) ?? "") !== "");
  const own = labels.get("foreshadow_workload");
  if (own) return group("agent", own, { foreshadow_workload: own });
  const pod = at(PODS);
  const namespace = at(NAMESPACES);
  const scope = namespace === undefined ? "" : labels.get(namespace)!;
  if (pod !== undefined) {
    const within: Record<string, string> = namespace === undefined ? {} : { [namespace]: scope };
    const owner = at(OWNERS);
    if (owner !== undefined)
      return group("pods", labels.get(owner)!, { ...within, [owner]: labels.get(owner)! }, scope);
    const [title, pattern] = withoutSuffix(labels.get(pod)!, POD_SUFFIXES);
    return group("pods", title, { ...within, [pod]: pattern }, scope);
  }
  const composed = at(COMPOSED);
  if (composed !== undefined) return group("containers", labels.get(composed)!, { [composed]: labels.get(composed)! });
  const groupname = labels.get("groupname");
  if (groupname) return group("process group", groupname, { groupname });
  const service = labels.get("service_name");
  if (service) return group("service", service, { service_name: service });
  const id = labels.get("id") ?? "";
  const container = at(CONTAINERS);
  if (container !== undefined && source !== ITSELF && !MACHINE_SOURCES.has(source)) {
    const [title, pattern] = withoutSuffix(labels.get(container)!, CONTAINER_SUFFIXES);
    return group("containers", title, { [container]: pattern });
  }
  if (id.endsWith(".service")) return group("service unit", id.replace(/^.*\/|\.service$/g, ""), { id });
  const job = labels.get("job");
  const machine = MACHINE_SOURCES.has(source);
  if (job) {
    if (machine) return group("machines", job, { job });
    return exporters.has(job) ? undefined : group("job", job, { job });
  }
  const host = firstOf("host_name|instance", labels);
  return machine && host !== "" ? group("machines", host, { [at(["host_name", "instance"])!]: host }) : undefined;
}

/** What is before the first suffix that fits, and the pattern of all that have it. */
function withoutSuffix(text: string, suffixes: readonly RegExp[]): [title: string, pattern: string] {
  for (const suffix of suffixes) {
    const found = suffix.exec(text);
    if (found !== null && found.index > 0)
      return [text.slice(0, found.index), `${text.slice(0, found.index)}${found[0][0]}*`];
  }
  return [text, text];
}

/** Names that a project file takes: the title, with its scope where several have it. */
function named(groups: readonly Group[]): FoundWorkload[] {
  const titles = new Map<string, number>();
  for (const { title } of groups) titles.set(slug(title), (titles.get(slug(title)) ?? 0) + 1);
  const names = uniqueNames(
    groups.map(({ title, scope }) => (titles.get(slug(title)) === 1 || scope === "" ? title : `${scope}-${title}`)),
  );
  return groups.map(({ kind, labels }, i) => ({ name: names[i], kind, labels }));
}

/** Names that a project file takes, made of any texts; with a number where two would be the same. */
export function uniqueNames(texts: readonly string[]): string[] {
  const taken = new Set<string>();
  return texts.map((text) => {
    const base = slug(text);
    let name = base;
    for (let n = 2; taken.has(name); n++) name = `${base.slice(0, 58)}-${n}`;
    taken.add(name);
    return name;
  });
}

/** A name that a project file takes, made of any text. */
export function slug(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63)
    .replace(/-+$/, "");
  return /^[a-z]/.test(plain) ? plain : plain === "" ? "workload" : `w-${plain}`.slice(0, 63);
}

/** Longer patterns first: of several that fit a series the first has it. */
function moreSpecific(a: FoundWorkload, b: FoundWorkload): number {
  const length = ({ labels }: FoundWorkload) => Object.values(labels).join("").length;
  return length(b) - length(a) || a.name.localeCompare(b.name);
}
