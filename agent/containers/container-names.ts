import { readdirSync } from "node:fs";
import { join } from "node:path";
import { directoriesIn } from "../kernel/directories.ts";
import { readWhole } from "../kernel/read-whole.ts";

/** What people call a container. */
export interface ContainerName {
  readonly name: string;
  /** Of Kubernetes. */
  readonly pod?: string;
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** It holds a pod's namespaces and runs nothing. */
  readonly sandbox?: true;
}

type Texts = Readonly<Record<string, string>>;

const DOCKER = "var/lib/docker/containers";
const CONTAINERD = "run/containerd/io.containerd.runtime.v2.task";
/** Podman and CRI-O: what a container is made from, at rest and while it runs. */
const STORAGES = ["var/lib/containers/storage", "run/containers/storage"];
const ROOTLESS = "home";
const ROOTLESS_STORAGE = ".local/share/containers/storage";
const KUBELET = "var/log/containers";
/** The kubelet's link to a container's log, whatever the runtime: `POD_NAMESPACE_CONTAINER-ID.log`. */
const KUBELET_LOG = /^([^_]+)_([^_]+)_(.+)-([0-9a-f]{64})\.log$/;

/**
 * The name of a container from the files of the runtimes, of which none is asked: the one that runs it has a file under its id. Labels of
 * pods are known where the runtime keeps them there (Docker, CRI-O).
 *
 * @param root of the host's files, `/`
 * @param id 64 hexadecimal digits
 * @returns undefined when no runtime has a name for it
 */
export function containerName(root: string, id: string): ContainerName | undefined {
  const named =
    ofDocker(json(join(root, DOCKER, id, "config.v2.json"))) ?? ofContainerd(root, id) ?? ofStorage(root, id);
  const pod = ofKubelet(root, id);
  return pod === undefined ? named : { labels: {}, ...named, ...pod };
}

function ofDocker(config: unknown): ContainerName | undefined {
  const { Name, Config } = record(config);
  if (typeof Name !== "string") return undefined;
  const labels = texts(record(Config).Labels);
  const name = labels["io.kubernetes.container.name"] ?? Name.replace(/^\//, "");
  return kubernetes(name, labels, labels, labels["io.kubernetes.docker.type"] === "podsandbox");
}

/** The bundle that a container was started from has what CRI and nerdctl say of it as annotations. */
function ofContainerd(root: string, id: string): ContainerName | undefined {
  for (const namespace of directoriesIn(join(root, CONTAINERD))) {
    const annotations = texts(record(json(join(namespace, id, "config.json"))).annotations);
    const name = annotations["io.kubernetes.cri.container-name"] ?? annotations["nerdctl/name"];
    const sandbox = annotations["io.kubernetes.cri.container-type"] === "sandbox";
    if (name === undefined && !sandbox) continue;
    const pod = {
      "io.kubernetes.pod.name": annotations["io.kubernetes.cri.sandbox-name"],
      "io.kubernetes.pod.namespace": annotations["io.kubernetes.cri.sandbox-namespace"],
    };
    return kubernetes(name ?? "POD", pod, {}, sandbox);
  }
  return undefined;
}

function ofStorage(root: string, id: string): ContainerName | undefined {
  const homes = directoriesIn(join(root, ROOTLESS)).map((home) => join(home, ROOTLESS_STORAGE));
  for (const storage of [...STORAGES.map((path) => join(root, path)), ...homes]) {
    const containers = join(storage, "overlay-containers");
    const annotations = texts(record(json(join(containers, id, "userdata", "config.json"))).annotations);
    const ofCrio = annotations["io.kubernetes.container.name"];
    if (ofCrio !== undefined) {
      const labels = texts(parsed(annotations["io.kubernetes.cri-o.Labels"]));
      return kubernetes(ofCrio, annotations, labels, annotations["io.kubernetes.cri-o.ContainerType"] === "sandbox");
    }
    const all = json(join(containers, "containers.json"));
    const entry = Array.isArray(all) ? all.map(record).find((one) => one.id === id) : undefined;
    const [name] = Array.isArray(entry?.names) ? entry.names : [];
    if (typeof name === "string") return { name, labels: annotations };
  }
  return undefined;
}

function ofKubelet(root: string, id: string): Omit<ContainerName, "labels"> | undefined {
  try {
    for (const file of readdirSync(join(root, KUBELET))) {
      const [, pod, namespace, name, owner] = KUBELET_LOG.exec(file) ?? [];
      if (owner === id) return { pod, namespace, name };
    }
  } catch {
    // No kubelet here.
  }
  return undefined;
}

function kubernetes(name: string, of: Partial<Texts>, labels: Texts, sandbox: boolean): ContainerName {
  const { "io.kubernetes.pod.name": pod, "io.kubernetes.pod.namespace": namespace } = of;
  return {
    name,
    ...(pod !== undefined && { pod }),
    ...(namespace !== undefined && { namespace }),
    labels,
    ...(sandbox && { sandbox: true as const }),
  };
}

function json(path: string): unknown {
  const text = readWhole(path);
  // Read as Latin-1, so that no byte is lost; names may have others.
  return text === undefined ? undefined : parsed(Buffer.from(text, "latin1").toString("utf8"));
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function texts(value: unknown): Texts {
  return Object.fromEntries(
    Object.entries(record(value)).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
