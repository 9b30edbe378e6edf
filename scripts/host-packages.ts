import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** What the local stack and the tests use of the host, and Debian's package of each. */
const TOOLS: Readonly<Record<string, string>> = {
  git: "git",
  ip: "iproute2",
  tc: "iproute2",
  "mkfs.ext4": "e2fsprogs",
  resize2fs: "e2fsprogs",
  losetup: "mount",
  mount: "mount",
  fallocate: "util-linux",
};

/** Whether the host has a command. */
export function present(tool: string): boolean {
  return [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"].some((directory) => {
    try {
      accessSync(join(directory, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Installs what is missing from the distribution's packages where that is possible (root, apt); says what is missing where
 * it is not. The local stack works without them, with less, and reports what.
 */
export function ensureHostPackages(say: (line: string) => void): void {
  const missing = Object.keys(TOOLS).filter((tool) => !present(tool));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((tool) => TOOLS[tool]))];
  installPackages(packages, missing.join(", "), say);
}

/**
 * Installs packages of the distribution where that is possible (root, apt).
 *
 * @param what is missing, for those who are told that it is not possible
 */
export function installPackages(packages: readonly string[], what: string, say: (line: string) => void): void {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    say(`host: ${what} not found; install ${packages.join(", ")}. Going on without.`);
    return;
  }
  say(`host: installing ${packages.join(", ")} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const stdio: ["ignore", "ignore", "inherit"] = ["ignore", "ignore", "inherit"];
  spawnSync("apt-get", ["update", "-qq"], { env, stdio });
  const result = spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], { env, stdio });
  if (result.status !== 0) say(`host: apt-get could not install ${packages.join(", ")}; going on without.`);
}
