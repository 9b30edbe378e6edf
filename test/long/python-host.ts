import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../scripts/environment.ts";

const require = createRequire(import.meta.url);
const versionOf = (name: string) => (require(`${name}/package.json`) as { version: string }).version;
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "foreshadow", "python");
const SDK = "github.com/pulumi/pulumi/sdk/v3";

/**
 * What a Pulumi program in Python needs: the directory of Pulumi's language host, built from its Go module as that for Node is, and a virtual
 * environment with the SDKs. Both are made at the first use and kept.
 */
export function pythonHost(): { readonly bin: string; readonly environment: string } {
  mkdirSync(CACHE, { recursive: true });
  const bin = join(CACHE, "bin");
  const host = "pulumi-language-python";
  if (!existsSync(join(bin, host))) {
    const work = mkdtempSync(join(CACHE, "build-"));
    try {
      cpSync(join(ROOT, "scripts", "pulumi-build", "language"), work, { recursive: true });
      const go = (...args: string[]) =>
        execFileSync("go", args, {
          cwd: work,
          encoding: "utf8",
          env: { ...process.env, GOFLAGS: "-buildvcs=false" },
          stdio: ["ignore", "pipe", "inherit"],
        }).trim();
      mkdirSync(bin, { recursive: true });
      const exec = `${host}-exec`;
      const source = join(go("list", "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK), "python", "cmd", exec);
      copyFileSync(source, join(bin, exec));
      chmodSync(join(bin, exec), 0o755);
      go(
        "build",
        "-mod=readonly",
        "-trimpath",
        "-o",
        join(bin, host),
        "-ldflags",
        "-s -w",
        `${SDK}/python/cmd/${host}`,
      );
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  const environment = join(CACHE, "environment");
  if (!existsSync(join(environment, "complete"))) {
    execFileSync("python3", ["-m", "venv", environment], { stdio: ["ignore", "ignore", "inherit"] });
    const packages = ["pulumi", "pulumi-aws"].map(
      (name) => `${name}==${versionOf(`@pulumi/${name.replace(/^pulumi-/, "")}`)}`,
    );
    execFileSync(join(environment, "bin", "pip"), ["install", "--quiet", ...packages], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    mkdirSync(join(environment, "complete"));
  }
  return { bin, environment };
}
