import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { ContainerSelector } from "../../model/project.ts";
import { FakeHost } from "../fixtures/fake-host.ts";
import { probeHierarchies } from "../kernel/cgroup-hierarchy.ts";
import { containerCgroup } from "./container-cgroup.ts";
import { Containers } from "./containers.ts";

const ID = "4f3c".repeat(16);
const OTHER = "b0a1".repeat(16);
const POD = "0d1e2f3a-4b5c-6d7e-8f90-a1b2c3d4e5f6";
const SCOPED = POD.replaceAll("-", "_");

test("a container's cgroup is known by its path, in every runtime's form, and nothing else is one", () => {
  const forms = [
    `/docker/${ID}`,
    `/system.slice/docker-${ID}.scope`,
    `/machine.slice/libpod-${ID}.scope`,
    `/libpod_parent/libpod-${ID}`,
    `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`,
    `/default/${ID}`,
    `/system.slice/nerdctl-${ID}.scope`,
    `/kubepods/burstable/pod${POD}/${ID}`,
    `/kubepods/pod${POD}/${ID}`,
    `/kubepods/besteffort/pod${POD}/crio-${ID}`,
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${SCOPED}.slice/cri-containerd-${ID}.scope`,
    `/kubepods.slice/kubepods-pod${SCOPED}.slice/crio-${ID}.scope`,
    `/kubepods.slice/kubepods-pod${SCOPED}.slice/docker-${ID}.scope`,
    `/kubepods/burstable/pod${"9a".repeat(16)}/${ID}`,
  ];
  for (const path of forms) assert.deepEqual(containerCgroup(path), { path, id: ID }, path);
  for (const path of [
    "/",
    "/docker",
    `/machine.slice/libpod-conmon-${ID}.scope`,
    `/kubepods/burstable/pod${POD}`,
    `/system.slice/nginx.service`,
    `/docker/${ID}/init`,
    `/docker/${ID.slice(1)}`,
  ])
    assert.equal(containerCgroup(path), undefined, path);
});

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
});
afterEach(() => host.close());

/** What each runtime writes for one container, as it is found on a host that runs it. */
const RUNTIMES: Record<string, { cgroup: string; write: () => void; select: ContainerSelector }> = {
  Docker: {
    cgroup: `system.slice/docker-${ID}.scope`,
    write: () =>
      host.write(
        `var/lib/docker/containers/${ID}/config.v2.json`,
        JSON.stringify({ ID, Name: "/shop_web_1", Config: { Image: "nginx", Labels: { tier: "front" } } }),
      ),
    select: { name: "shop_web_*", labels: { tier: "front" } },
  },
  "containerd under Kubernetes": {
    cgroup: `kubepods.slice/kubepods-pod${SCOPED}.slice/cri-containerd-${ID}.scope`,
    write: () =>
      host.write(
        `run/containerd/io.containerd.runtime.v2.task/k8s.io/${ID}/config.json`,
        JSON.stringify({
          ociVersion: "1.1.0",
          annotations: {
            "io.kubernetes.cri.container-name": "web",
            "io.kubernetes.cri.container-type": "container",
            "io.kubernetes.cri.sandbox-name": "web-7d9c5b-x2x4k",
            "io.kubernetes.cri.sandbox-namespace": "shop",
          },
        }),
      ),
    select: { name: "web", pod: "web-*", namespace: "shop" },
  },
  nerdctl: {
    cgroup: `default/${ID}`,
    write: () =>
      host.write(
        `run/containerd/io.containerd.runtime.v2.task/default/${ID}/config.json`,
        JSON.stringify({ annotations: { "nerdctl/name": "web" } }),
      ),
    select: { name: "web" },
  },
  Podman: {
    cgroup: `machine.slice/libpod-${ID}.scope`,
    write: () =>
      host.write(
        "var/lib/containers/storage/overlay-containers/containers.json",
        JSON.stringify([
          { id: OTHER, names: ["db"] },
          { id: ID, names: ["web"], image: "1f" },
        ]),
      ),
    select: { name: "web" },
  },
  "Podman of a user": {
    cgroup: `user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`,
    write: () =>
      host.write(
        "home/ada/.local/share/containers/storage/overlay-containers/containers.json",
        JSON.stringify([{ id: ID, names: ["web"] }]),
      ),
    select: { name: "web" },
  },
  "CRI-O": {
    cgroup: `kubepods/burstable/pod${POD}/crio-${ID}`,
    write: () =>
      host.write(
        `run/containers/storage/overlay-containers/${ID}/userdata/config.json`,
        JSON.stringify({
          annotations: {
            "io.kubernetes.container.name": "web",
            "io.kubernetes.pod.name": "web-0",
            "io.kubernetes.pod.namespace": "shop",
            "io.kubernetes.cri-o.ContainerType": "container",
            "io.kubernetes.cri-o.Labels": JSON.stringify({ app: "web" }),
          },
        }),
      ),
    select: { pod: "web-0", labels: { app: "web" } },
  },
  "any runtime under a kubelet": {
    cgroup: `kubepods/burstable/pod${POD}/${ID}`,
    write: () => host.link(`var/log/containers/web-7d9c5b-x2x4k_shop_web-${ID}.log`, "/var/log/pods/x/web/0.log"),
    select: { name: "web", pod: "web-*", namespace: "shop" },
  },
};

describe("a container is found by what its runtime's files call it", () => {
  for (const [runtime, { cgroup, write, select }] of Object.entries(RUNTIMES))
    for (const version of [1, 2] as const)
      test(`${runtime}, version ${version}`, () => {
        if (version === 2) host.write("cgroup/cgroup.controllers", "cpu memory\n");
        const roots = version === 2 ? ["cgroup"] : ["cgroup/cpu,cpuacct", "cgroup/memory"];
        for (const root of roots) {
          host.write(`${root}/cgroup.procs`, "1\n");
          host.write(`${root}/${cgroup}/cgroup.procs`, "10\n");
        }
        write();
        const containers = new Containers(host.directory);
        containers.look(probeHierarchies(host.cgroupRoot));
        assert.deepEqual(containers.select(select), [`/${cgroup}`]);
        assert.deepEqual(containers.select({ ...select, name: "db" }), []);
        assert.deepEqual(containers.select({ ...select, labels: { tier: "back" } }), []);
      });
});

test("a pod's sandbox is no container of it, and broken files name nothing", () => {
  host.write("cgroup/cgroup.controllers", "cpu\n");
  host.write(`cgroup/kubepods/pod${POD}/${ID}/cgroup.procs`, "10\n");
  host.write(`cgroup/docker/${OTHER}/cgroup.procs`, "11\n");
  host.write(
    `run/containerd/io.containerd.runtime.v2.task/k8s.io/${ID}/config.json`,
    JSON.stringify({
      annotations: { "io.kubernetes.cri.container-type": "sandbox", "io.kubernetes.cri.sandbox-name": "web-0" },
    }),
  );
  host.write(`var/lib/docker/containers/${OTHER}/config.v2.json`, '{"Name": ["/web"], "Config": ');
  const containers = new Containers(host.directory);
  containers.look(probeHierarchies(host.cgroupRoot));
  assert.deepEqual(containers.select({ name: "*" }), []);
  assert.deepEqual(containers.select({ pod: "web-0" }), []);
  host.write(`var/lib/docker/containers/${OTHER}/config.v2.json`, '{"Name": "/web.1"}');
  containers.look(probeHierarchies(host.cgroupRoot));
  assert.deepEqual(containers.select({ name: "web.*" }), [`/docker/${OTHER}`], "a name that comes later is taken");
  assert.deepEqual(containers.select({ name: "webx1" }), []);
});
