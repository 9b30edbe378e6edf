import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { loadProject } from "./project-files.ts";

/** A project of these lines and one workload. */
function project(t: TestContext, lines: string, constraints = "version: 1\n"): string {
  const root = mkdtempSync(join(tmpdir(), "foreshadow-project-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, "web.yaml"), constraints);
  const file = join(root, "foreshadow.yaml");
  writeFileSync(
    file,
    `version: 1\n${lines}\nworkloads:\n  - { name: web, select: { port: 80 }, stack: { dir: ., name: dev }, constraints: web.yaml }\n`,
  );
  return file;
}

const refused = (file: string, message: RegExp) =>
  assert.throws(() => loadProject(file), { name: "InputError", message });

test("a schedule that is none is told with its line, whatever its length", (t) => {
  refused(project(t, 'schedule: "61 * * * *"'), /foreshadow\.yaml:2: schedule: expected a cron expression/);
  refused(project(t, 'schedule: "daily"'), /foreshadow\.yaml:2: schedule: expected a cron expression/);
  assert.equal(loadProject(project(t, 'schedule: "*/5 * * * * *"')).project.schedule, "*/5 * * * * *");
});

test("a step that does not divide the season is told with its line", (t) => {
  refused(project(t, "step: 7m"), /foreshadow\.yaml:2: step: expected a step that divides the season of 86400 s/);
});

test("a second workload of a name, and a constraints file that is not there, are told with line and path", (t) => {
  const more = "\n  - { name: web, select: { port: 81 }, stack: { dir: ., name: dev }, constraints: web.yaml }\n";
  const twice = project(t, "");
  writeFileSync(
    twice,
    `version: 1\nworkloads:\n  - { name: web, select: { port: 80 }, stack: { dir: ., name: dev }, constraints: web.yaml }${more}`,
  );
  refused(twice, /foreshadow\.yaml:4: workloads\.1\.name: expected a name of its own, found web, a second time/);
  const none = project(t, "");
  rmSync(join(none, "..", "web.yaml"));
  refused(none, /foreshadow\.yaml:4: workloads\.0\.constraints: expected a constraints file, found none at/);
});

test("what a constraint may be is told in its own unit, and what was found as it was written", (t) => {
  refused(
    project(t, "", "version: 1\nperformance: { violation: 0.5 }\n"),
    /web\.yaml:2: performance\.violation: expected a percentage above 0% and below 50%, found 0\.5/,
  );
  refused(
    project(t, "", "version: 1\nperformance: { utilisation: { cpu: 170% } }\n"),
    /web\.yaml:2: performance\.utilisation\.cpu: expected a percentage above 0% and at most 100%, found "170%"/,
  );
  refused(
    project(t, "", "version: 1\nchange: { cooldown: { in: 10 } }\n"),
    /web\.yaml:2: change\.cooldown\.in: expected a duration such as 30s, 5m or 24h, found 10/,
  );
});

test("a review on GitHub has its defaults, and what is wrong with one is told with its line", (t) => {
  const review = (lines: string) => project(t, `review:\n  github:\n${lines.replaceAll(/^/gm, "    ")}`);
  const rest = "token: { env: TOKEN }";
  const { github } = loadProject(review(`repository: acme/shop\n${rest}`)).project.review;
  assert.deepEqual(github, {
    repository: "acme/shop",
    api: "https://api.github.com",
    token: { env: "TOKEN" },
    remote: "origin",
    poll: 60,
  });
  refused(
    review(`repository: shop\n${rest}`),
    /yaml:4: review\.github\.repository: expected a repository as owner\/name/,
  );
  refused(
    review(`repository: acme/shop\ntoken: ghp_canary`),
    /yaml:5: review\.github\.token: expected \{ env: NAME \} or/,
  );
  const api = (address: string) => review(`repository: acme/shop\n${rest}\napi: ${address}`);
  refused(api("http://ghe.acme.com/api/v3"), /yaml:6: review\.github\.api: expected an address of https/);
  assert.equal(
    loadProject(api("https://ghe.acme.com/api/v3")).project.review.github?.api,
    "https://ghe.acme.com/api/v3",
  );
  const webhook = 'webhook: { listen: "0.0.0.0:80", secret: { file: hook } }';
  refused(
    review(`repository: acme/shop\n${rest}\n${webhook}`),
    /yaml:6: review\.github\.webhook\.listen: expected a loopback/,
  );
  refused(
    review(`repository: acme/shop\n${rest}\nremote: --upload-pack=x`),
    /yaml:6: review\.github\.remote: expected the name/,
  );
  refused(
    review(`repository: acme/shop\n${rest}\npoll: 1s`),
    /yaml:6: review\.github\.poll: expected a duration from 15s/,
  );
});
