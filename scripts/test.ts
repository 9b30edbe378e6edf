import { globSync } from "node:fs";
import { delimiter } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { prepare, ROOT, say } from "./environment.ts";
import { runChild } from "./run-child.ts";
import { ensureTestBrowser } from "./test-browser.ts";
import { ensureTestServers } from "./test-servers.ts";

/**
 * `npm test`: set up what is missing, check the code, run the tests. Unit tests run side by side, and so do end-to-end tests that wait for others
 * most of the time; those that measure or load the host run one after the other. `npm run test:long` adds what takes long.
 */
const long = process.argv.includes("--long");
const only = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const env = await prepare();
env.PATH = [env.PATH, ensureTestServers(say)].join(delimiter);
ensureTestBrowser(say);
Object.assign(process.env, env);
if (long) process.env.FORESHADOW_TEST_LONG = "1";

const failures: string[] = [];
if (only.length === 0)
  for (const [what, command, ...args] of [
    ["lint and format", "biome", "check", "."],
    ["types", "tsc", "-p", "."],
    ["types of the page", "tsc", "-p", "dashboard"],
    ["dead code", "knip", "--no-progress"],
  ]) {
    say(`checking ${what} …`);
    if ((await runChild(command, args, env, ROOT)) !== 0) failures.push(what);
  }

const ROOMS = ["model", "agent", "engine", "stacks", "policies", "cli", "dashboard", "demo", "scripts"];
const unit =
  only.length > 0
    ? only
    : globSync(
        ROOMS.map((room) => `${room}/**/*.test.ts`),
        { cwd: ROOT },
      );
/** Rooms of tests that measure what processes get, or limit and load the host. */
const MEASURING = ["agent", "demo", "local-stack"].map((room) => `test/${room}/**/*.test.ts`);
const whole = (patterns: string | string[], exclude: string[]) =>
  only.length > 0 ? [] : globSync(patterns, { cwd: ROOT, exclude });
const measuring = whole(MEASURING, []);
/** What takes longest begins first, so that neither of two lanes ends long after the other. */
const LONGEST = ["clouds/aws", "change/kill", "review/github", "dashboard/page"].map((name) => `test/${name}.test.ts`);
const endToEnd = whole("test/**/*.test.ts", ["test/long/**", ...MEASURING]).sort(
  (a, b) => Number(LONGEST.includes(b)) - Number(LONGEST.includes(a)),
);
const longest = long ? globSync("test/long/**/*.test.ts", { cwd: ROOT }) : [];

const total = { pass: 0, fail: 0, skipped: 0 };
for (const [what, files, concurrency] of [
  ["unit tests", unit, 2],
  ["end-to-end tests that measure the host", measuring, 1],
  ["end-to-end tests", endToEnd, 2],
  ["long tests", longest, 1],
] as const) {
  if (files.length === 0) continue;
  say(`${what}: ${files.length} files`);
  await new Promise<void>((resolve) => {
    const events = run({ files: files.map((file) => `${ROOT}/${file}`.replace(`${ROOT}/${ROOT}`, ROOT)), concurrency });
    const count =
      (kind: "pass" | "fail") =>
      (data: { skip?: string | boolean; todo?: string | boolean; details: { type?: string } }) => {
        if (data.details.type === "suite") return;
        total[data.skip === undefined || data.skip === false ? kind : "skipped"]++;
      };
    events.on("test:pass", count("pass"));
    events.on("test:fail", count("fail"));
    events.on("end", resolve);
    events.compose(new spec()).pipe(process.stdout, { end: false });
  });
}
for (const failure of failures) console.log(`not passed: ${failure}`);
console.log(`${total.pass} passed, ${total.fail + failures.length} failed, ${total.skipped} skipped`);
process.exit(total.fail + failures.length > 0 || total.pass === 0 ? 1 : 0);
