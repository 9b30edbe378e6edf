import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import type { Finding } from "./finding.ts";

/** What the kernel lets us see and limit. */
export function examineMachine(): Finding[] {
  const root = process.getuid?.() === 0;
  return [
    {
      what: "privileges",
      state: root ? "ok" : "degraded",
      text: root
        ? "root: every dimension can be measured"
        : "not root: disk and network of other users' processes are missing, the agent says which",
    },
    cgroups(),
    schedstat(),
    pressure(),
  ];
}

function cgroups(): Finding {
  const what = "cgroups";
  if (existsSync("/sys/fs/cgroup/cgroup.controllers")) {
    const controllers = readFileSync("/sys/fs/cgroup/cgroup.controllers", "utf8").trim();
    return {
      what,
      state: controllers.includes("cpu") ? "ok" : "degraded",
      text: `version 2: ${controllers || "no controllers"}`,
    };
  }
  const versions = ["cpu", "memory", "blkio"].filter((controller) => existsSync(`/sys/fs/cgroup/${controller}`));
  if (versions.length === 0)
    return { what, state: "degraded", text: "none mounted: workloads are measured by process" };
  const writable = versions.filter((controller) => isWritable(`/sys/fs/cgroup/${controller}`));
  return {
    what,
    state: writable.length > 0 ? "ok" : "degraded",
    text: `version 1: ${versions.join(", ")}; limits can be set on ${writable.join(", ") || "none"}`,
  };
}

function schedstat(): Finding {
  const there = existsSync("/proc/self/schedstat");
  return {
    what: "run-queue wait",
    state: there ? "ok" : "degraded",
    text: there
      ? "schedstat is there: CPU demand can be told from usage"
      : "no /proc/PID/schedstat: CPU demand is usage",
  };
}

function pressure(): Finding {
  const there = existsSync("/proc/pressure/cpu");
  return {
    what: "pressure stall information",
    state: there ? "ok" : "degraded",
    text: there ? "/proc/pressure is there" : "no /proc/pressure",
  };
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
