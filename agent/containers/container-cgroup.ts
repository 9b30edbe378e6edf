/** A container as its cgroup's path shows it. */
export interface ContainerCgroup {
  /** Of the cgroup, in every hierarchy that has it. */
  readonly path: string;
  /** 64 hexadecimal digits. */
  readonly id: string;
}

/** What systemd's scopes of containers are named: Docker, containerd under Kubernetes and nerdctl, CRI-O, Podman. */
const SCOPE = /^(?:docker|cri-containerd|nerdctl|crio|libpod)-([0-9a-f]{64})\.scope$/;
/** The same without systemd: by its id alone, or with the runtime's name before it. */
const PLAIN = /^(?:crio-|libpod-)?([0-9a-f]{64})$/;
/**
 * The container whose cgroup this is, by the forms of path that the runtimes use, with and without systemd; undefined when it is none.
 * Those of their helpers (`libpod-conmon-…`) are none.
 */
export function containerCgroup(path: string): ContainerCgroup | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const id = (SCOPE.exec(name) ?? PLAIN.exec(name))?.[1];
  return id === undefined ? undefined : { path, id };
}
