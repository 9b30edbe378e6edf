import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Servers that tests talk to, and Debian's package of each. */
const SERVERS: Readonly<Record<string, string>> = {
  prometheus: "prometheus",
  promtool: "prometheus",
  "victoria-metrics": "victoria-metrics",
  "prometheus-node-exporter": "prometheus-node-exporter",
  "prometheus-process-exporter": "prometheus-process-exporter",
};

/**
 * Fetches the servers that are missing from the distribution's packages and unpacks them into the cache, where nothing starts them: installed, they
 * would run as services and listen. Where that is not possible it says so, and the tests that need them are skipped.
 *
 * @returns the directory of what was unpacked, to be put on PATH
 */
export function ensureTestServers(say: (line: string) => void): string {
  const directory = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "foreshadow", "test-servers");
  const bin = join(directory, "usr", "bin");
  const places = [...(process.env.PATH ?? "").split(delimiter), bin];
  const missing = Object.keys(SERVERS).filter((server) => !places.some((place) => existsSync(join(place, server))));
  if (missing.length === 0) return bin;
  const packages = [...new Set(missing.map((server) => SERVERS[server]))];
  say(`tests: fetching ${packages.join(", ")} …`);
  mkdirSync(directory, { recursive: true });
  const run = (command: string, ...args: string[]) =>
    spawnSync(command, args, { cwd: directory, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
  if (!run("apt-get", "download", "-qq", ...packages)) {
    run("apt-get", "update", "-qq");
    if (!run("apt-get", "download", "-qq", ...packages))
      say(`tests: ${packages.join(", ")} cannot be had here; the tests that need them are skipped`);
  }
  for (const file of readdirSync(directory).filter((name) => name.endsWith(".deb"))) {
    run("dpkg-deb", "-x", file, ".");
    rmSync(join(directory, file));
  }
  return bin;
}
