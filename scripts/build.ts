import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bundlePage } from "../engine/api/bundle-page.ts";
import { ROOT } from "./environment.ts";
import { runChild } from "./run-child.ts";

// `npm run build` and `npm pack`: what is published is compiled, since Node strips no types below node_modules.
const dist = join(ROOT, "dist");
rmSync(dist, { recursive: true, force: true });

for (const project of ["tsconfig.build.json", "tsconfig.capacity.json"]) {
  const code = await runChild("tsc", ["-p", project], process.env, ROOT);
  if (code !== 0) process.exit(code);
}

// Pulumi's default template is CommonJS: what it requires says so here.
writeFileSync(join(dist, "commonjs", "package.json"), '{ "type": "commonjs" }\n');

// Files beside the code that are no TypeScript: launchers of provider plugins and of the policy pack.
for (const file of globSync(["stacks/**/pulumi-resource-*", "policies/**/pulumi-policy-*"], { cwd: ROOT })) {
  mkdirSync(dirname(join(dist, file)), { recursive: true });
  cpSync(join(ROOT, file), join(dist, file));
  chmodSync(join(dist, file), 0o755);
}

// The generated protobuf code is JavaScript's own form where TypeScript is not; the roles of the capacity stacks are no code at all.
for (const file of globSync(
  ["model/otlp/generated/*.{js,d.ts}", "stacks/*/capacity-role.{json,yaml}", "stacks/capacity.py"],
  {
    cwd: ROOT,
  },
)) {
  mkdirSync(dirname(join(dist, file)), { recursive: true });
  cpSync(join(ROOT, file), join(dist, file));
}

// The page that the engine serves.
for (const [name, body] of await bundlePage(ROOT)) {
  mkdirSync(join(dist, "dashboard"), { recursive: true });
  writeFileSync(join(dist, "dashboard", name), body);
}

const leftovers = globSync("**/*.js", { cwd: dist }).filter((file) =>
  /from "\.[^"]*\.ts"/.test(readFileSync(join(dist, file), "utf8")),
);
if (leftovers.length > 0) {
  console.error(
    `foreshadow: expected no import of a .ts file in what is compiled, found some in ${leftovers.join(", ")}`,
  );
  process.exit(1);
}
