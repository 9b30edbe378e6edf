import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { openControlStore } from "../../engine/store/control-store.ts";
import { storeDirectory } from "../../engine/store/store-directory.ts";
import { parseCapacity } from "../../model/capacity.ts";
import { parseCatalogue } from "../../model/catalogue.ts";
import type { Fault } from "../../stacks/simulated/faults.ts";
import { openRehearsal } from "../../stacks/simulated/rehearsal.ts";
import { readWorld } from "../../stacks/simulated/world-file.ts";
import { LAST_DAY, rehearsePeaks } from "../clouds/two-peaks.ts";

const CATALOGUE = new URL("../../engine/orchestrator/catalogue/aws.yaml", import.meta.url).pathname;
const HOUR = 3600;
const TYPE = "m7i.large";

/** A morning on a simulated AWS that runs out of machines. */
async function morning(faults: readonly { readonly hour: number; readonly zone?: string }[]) {
  const directory = mkdtempSync(join(tmpdir(), "foreshadow-scarce-"));
  after(() => rmSync(directory, { recursive: true, force: true }));
  const launch = (zone?: string): Fault => ({
    on: "launch",
    type: TYPE,
    ...(zone && { zone }),
    when: "before",
    message: `InsufficientInstanceCapacity: no sufficient ${TYPE} capacity`,
    times: 1e6,
  });
  const day = await rehearsePeaks({
    cloud: "aws",
    directory: join(directory, "day"),
    from: LAST_DAY.from + 5 * HOUR,
    to: LAST_DAY.from + 11 * HOUR,
    mode: "auto",
    catalogue: parseCatalogue(readFileSync(CATALOGUE, "utf8"), CATALOGUE),
    faults: faults.map(({ hour, zone }) => ({ at: LAST_DAY.from + hour * HOUR, fault: launch(zone) })),
    say: () => {},
  });
  const { root, worldFile } = openRehearsal("aws", join(directory, "day"));
  const text = execFileSync("git", ["show", "main:capacity/dev.yaml"], { cwd: root, encoding: "utf8" });
  const control = openControlStore(storeDirectory("sqlite:.foreshadow", root));
  try {
    return {
      day,
      capacity: parseCapacity(text, "dev.yaml").get("web")!,
      alerts: (await control.ledger()).filter(({ kind }) => kind === "alert").map(({ body }) => JSON.stringify(body)),
      world: readWorld(worldFile),
    };
  } finally {
    control.close();
  }
}

describe("machines that are not to be had", { timeout: 3_600_000 }, () => {
  it("in one zone come from the other, without a word", async () => {
    const { day, capacity, alerts, world } = await morning([{ hour: 6, zone: "eu-central-1a" }]);
    const { instances } = world.groups["web-simulated"];
    assert.ok(instances.filter(({ zone }) => zone === "eu-central-1b").length > instances.length / 2);
    assert.ok(world.activities.some(({ text }) => text.startsWith("could not launch in eu-central-1a")));
    assert.equal(capacity.perReplica.instance, TYPE);
    assert.deepEqual(
      alerts.filter((text) => text.includes("capacity")),
      [],
    );
    assert.ok(day.shortTicks.foreshadow <= day.shortTicks.nativeOnly, JSON.stringify(day));
  });

  it("in any zone stop counting, raise an alert, and others take their place", async () => {
    const { day, capacity, alerts, world } = await morning([{ hour: 6 }]);
    assert.notEqual(capacity.perReplica.instance, TYPE);
    const told = alerts.filter((text) => text.includes(`of ${TYPE} were asked for and have not come`));
    assert.ok(
      told.some((text) => text.includes('"opened"')) && told.some((text) => text.includes('"resolved"')),
      `${told}`,
    );
    const { type, instances, desired } = world.groups["web-simulated"];
    assert.equal(type, capacity.perReplica.instance);
    assert.equal(instances.length, desired);
    assert.ok(day.ledger.valid);
    assert.deepEqual([day.drift, day.unapproved], [[], []]);
    // The last hours have machines of the other type: what was short was so for as long as it took to see that none come.
    assert.ok(day.shortTicks.foreshadow < day.ticks / 2, JSON.stringify(day));
  });
});
