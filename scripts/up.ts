import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { prepare, ROOT, say } from "./environment.ts";
import { passphraseFor } from "./passphrase.ts";
import { runChild } from "./run-child.ts";

// `npm run up`: a plain `pulumi up` of the local stack, with its state in the checkout unless the user has a backend.
const env = await prepare();
if (env.PULUMI_BACKEND_URL === undefined) {
  const state = join(ROOT, ".foreshadow", "state");
  mkdirSync(state, { recursive: true, mode: 0o700 });
  env.PULUMI_BACKEND_URL = `file://${state}`;
}
const [verb, ...rest] = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ["up", "--yes"];
const stack = env.FORESHADOW_STACK ?? "dev";
const settings = join(ROOT, `Pulumi.${stack}.yaml`);
const { set, note } = passphraseFor(existsSync(settings) ? readFileSync(settings, "utf8") : undefined, env);
Object.assign(env, set);
if (note !== undefined) say(note);
await runChild("pulumi", ["stack", "select", "--create", stack, "--non-interactive"], env, ROOT);
process.exit(await runChild("pulumi", [verb, "--stack", stack, "--non-interactive", ...rest], env, ROOT));
