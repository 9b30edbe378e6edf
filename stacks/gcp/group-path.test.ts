import assert from "node:assert/strict";
import { test } from "node:test";
import { groupPath } from "./group-path.ts";

const PLACE = { project: "shop", region: "europe-west3" };
const PATH = "projects/shop/regions/europe-west3/instanceGroupManagers/web";

test("a group is named by its name, its path or its address", () => {
  for (const group of ["web", PATH, `https://www.googleapis.com/compute/v1/${PATH}`])
    assert.equal(groupPath(group, PLACE), PATH);
});

test("a zonal group, one elsewhere and one that a cluster sizes are refused", () => {
  assert.throws(
    () => groupPath("projects/shop/zones/europe-west3-a/instanceGroupManagers/web", PLACE),
    /expected the name of a regional managed instance group/,
  );
  assert.throws(
    () => groupPath(PATH.replace("west3", "west1"), PLACE),
    /in gcp:region europe-west3, found one in europe-west1/,
  );
  assert.throws(() => groupPath("gke-prod-pool-3f2a-grp", PLACE), /is not scaled here: .*GKE node pool/);
});
