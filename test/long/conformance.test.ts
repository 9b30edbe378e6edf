import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readMaturity } from "../../engine/conformance/maturity.ts";
import { WORLD_VARIABLE } from "../../model/simulated-clock.ts";
import type { Fault } from "../../stacks/simulated/faults.ts";
import { emptyWorld } from "../../stacks/simulated/world.ts";
import { readWorld, writeWorld } from "../../stacks/simulated/world-file.ts";

const CLI = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

/** A project in which nothing runs, and a simulated world that outlives the sandboxes in it. */
function project() {
  const root = mkdtempSync(join(tmpdir(), "foreshadow-conformance-"));
  const world = join(root, "world.json");
  writeFileSync(join(root, "constraints.yaml"), "version: 1\n");
  writeFileSync(
    join(root, "foreshadow.yaml"),
    "version: 1\nworkloads:\n  - { name: web, select: { port: 80 }, stack: { dir: ., name: dev }, constraints: constraints.yaml }\n",
  );
  const store = join(root, ".foreshadow");
  return {
    root,
    store,
    left: () => (existsSync(join(store, "conformance")) ? readdirSync(join(store, "conformance")) : []),
    resources: () => Object.keys(readWorld(world).resources),
    begin(cloud: string, faults: Fault[] = []) {
      const rules = { bootDelay: 0, scalerPeriod: 1, diskModificationGap: 0 };
      writeWorld(world, { ...emptyWorld(cloud, Date.now() / 1000, rules), faults });
    },
    /** The command, up to its end; `watch` sees what it has said so far. */
    async run(args: readonly string[], watch: (said: string, child: ChildProcess) => void = () => {}) {
      const env = { ...process.env, [WORLD_VARIABLE]: world };
      const child = spawn(process.execPath, [CLI, ...args], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
      let said = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk: Buffer) => {
          said += chunk.toString();
          watch(said, child);
        });
      const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
      return { code, said };
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

describe("conformance", { timeout: 2_400_000 }, () => {
  const place = project();
  after(() => place.remove());

  for (const cloud of ["aws", "gcp", "azure"])
    it(`tries a simulated ${cloud} through Pulumi, says so loudly, leaves nothing behind and records it`, async () => {
      place.begin(cloud);
      const { code, said } = await place.run(["conformance", cloud, "--simulated", "--yes"]);
      assert.equal(code, 0, said);
      assert.match(said, /^SIMULATED: nothing of this reaches/);
      assert.deepEqual([place.resources(), place.left()], [[], []]);
      const outcome = readMaturity(place.store).find(({ target }) => target === cloud)!;
      assert.equal(outcome.maturity, "simulated");
      assert.deepEqual(outcome.failed, []);
      assert.ok(outcome.behaviours >= 3);
      assert.match(outcome.with, /@pulumi\/[a-z-]+ \d+\.\d+\.\d+, Pulumi 3\./);
      const doctor = await place.run(["doctor"]);
      assert.match(doctor.said, new RegExp(`! maturity of ${cloud} +simulated, .* of \\d behaviours`));
    });

  it("tells a behaviour that does not hold, and takes the sandbox away all the same", async () => {
    place.begin("azure", [
      { on: "update", type: "azure-native:compute:Disk", when: "before", message: "Disks cannot grow today", times: 9 },
    ]);
    const { code, said } = await place.run(["conformance", "azure", "--simulated", "--yes"]);
    assert.equal(code, 1);
    assert.match(said, /✗ a Premium SSD v2 grows: .*Disks cannot grow today/);
    assert.match(said, /2 of 3 behaviours; not a Premium SSD v2 grows/);
    assert.deepEqual([place.resources(), place.left()], [[], []]);
  });

  it("takes the sandbox away after Ctrl-C, and records nothing of the run", async () => {
    place.begin("azure");
    rmSync(join(place.store, "maturity.json"));
    let ended = false;
    const { code, said } = await place.run(["conformance", "azure", "--simulated", "--yes"], (sofar, child) => {
      if (ended || !/✓ a raised minimum/.test(sofar)) return;
      ended = true;
      child.kill("SIGINT");
    });
    assert.equal(code, 1);
    assert.match(said, /interrupted: taking the sandbox away/);
    assert.deepEqual([place.resources(), place.left(), readMaturity(place.store)], [[], [], []]);
  });

  it("says how to take away by hand what could not be, and does it when asked again", async () => {
    place.begin("azure", [
      { on: "delete", type: "azure-native:compute:Disk", when: "before", message: "Try again later", times: 1 },
    ]);
    const { code, said } = await place.run(["conformance", "azure", "--simulated", "--yes"]);
    assert.equal(code, 1);
    assert.match(
      said,
      /NOT TAKEN AWAY: .*conformance --clean.*pulumi destroy --stack sandbox.*tagged foreshadow-conformance-/s,
    );
    assert.equal(place.left().length, 1);
    assert.ok(place.resources().length > 0);
    const cleaned = await place.run(["conformance", "--clean"]);
    assert.equal(cleaned.code, 0, cleaned.said);
    assert.deepEqual([place.resources(), place.left()], [[], []]);
  });

  it("makes nothing without an answer, and says what is missing without an account", async () => {
    const unasked = await place.run(["conformance", "gcp", "--simulated"]);
    assert.equal(unasked.code, 2);
    assert.match(unasked.said, /expected --yes where nobody can be asked/);
    assert.deepEqual(place.left(), []);
  });

  describe("by moto, an emulator of AWS's API", () => {
    let moto: Awaited<ReturnType<typeof startMoto>>;
    before(async () => {
      moto = await startMoto();
    });
    after(() => moto?.stop());

    it("holds, and is recorded as emulated", async () => {
      const { code, said } = await place.run(["conformance", "aws", "--endpoint", moto.url, "--yes"]);
      assert.equal(code, 0, said);
      const outcome = readMaturity(place.store).find(({ target }) => target === "aws")!;
      assert.deepEqual([outcome.maturity, outcome.failed], ["emulated", []]);
      assert.deepEqual(await moto.groups(), []);
    });
  });
});

/** Installed at the first use in an environment of its own. */
const MOTO = "moto[server]==5.2.3";
const ENVIRONMENT = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "foreshadow", "moto");

async function startMoto() {
  const program = join(ENVIRONMENT, "bin", "moto_server");
  if (!existsSync(program)) {
    execFileSync("python3", ["-m", "venv", ENVIRONMENT], { stdio: ["ignore", "ignore", "inherit"] });
    const pip = join(ENVIRONMENT, "bin", "pip");
    execFileSync(pip, ["install", "--quiet", MOTO], { stdio: ["ignore", "ignore", "inherit"] });
  }
  const port = await freePort();
  const server = spawn(program, ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  const url = `http://127.0.0.1:${port}/`;
  for (let tries = 0; tries < 300; tries++) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      break;
    await sleep(200);
  }
  return {
    url,
    /** Names of the groups that are there. */
    async groups() {
      const response = await fetch(url, {
        method: "POST",
        headers: { authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/autoscaling/aws4_request" },
        body: new URLSearchParams({ Action: "DescribeAutoScalingGroups", Version: "2011-01-01" }),
      });
      const text = await response.text();
      assert.match(text, /<AutoScalingGroups/);
      return [...text.matchAll(/<AutoScalingGroupName>([^<]*)</g)].map(([, name]) => name);
    },
    stop: () => void server.kill(),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
