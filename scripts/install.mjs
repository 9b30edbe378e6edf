// Brings the dependencies on whatever Node is there, then hands over to the project's own Node and TypeScript.
// Plain JavaScript: it runs before anything is installed.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import url from "node:url";

const root = path.dirname(path.dirname(url.fileURLToPath(import.meta.url)));
const stamp = path.join(root, "node_modules", ".foreshadow-lock");
const projectNode = path.join(root, "node_modules", ".bin", "node");

/** Whether node_modules was installed from exactly this lock file. */
function installed() {
  const digest = createHash("sha256")
    .update(fs.readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  const present = fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === digest && fs.existsSync(projectNode);
  return { digest, present };
}

/** One installation at a time: a second command in the same checkout waits for the first. */
async function install(digest) {
  const lock = path.join(root, ".npm-ci.lock");
  for (;;) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      const owner = Number(fs.readFileSync(lock, "utf8") || 0);
      if (owner > 0 && !alive(owner)) fs.rmSync(lock, { force: true });
      else await new Promise((resolve) => setTimeout(resolve, 500));
      if (installed().present) return;
    }
  }
  try {
    console.error("foreshadow: installing the dependencies (npm ci), about a minute …");
    // Standard output stays the command's own: whoever pipes --json gets JSON.
    const result = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: root,
      stdio: ["ignore", 2, 2],
    });
    if (result.error || result.status !== 0) {
      console.error(
        "foreshadow: npm ci failed" +
          (result.error ? ": " + result.error.message : "") +
          ". Expected a working npm and its registry; see its messages above, then run the command again.",
      );
      process.exit(1);
    }
    fs.writeFileSync(stamp, digest);
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const { digest, present } = installed();
if (!present) await install(digest);

const [script, ...rest] = process.argv.slice(2);
const child = spawn(projectNode, [path.join(root, "scripts", script + ".ts"), ...rest], {
  stdio: "inherit",
  env: { ...process.env, PATH: path.dirname(projectNode) + path.delimiter + process.env.PATH },
});
// A terminal sends Ctrl-C to the whole group: the child stops by itself, we wait for it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => signal !== "SIGINT" && child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 128 + 15 : (code ?? 1)));
