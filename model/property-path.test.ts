import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { differingPaths, parsePropertyPath, valueAt } from "./property-path.ts";

describe("property paths", () => {
  it("are read as Pulumi writes them", () => {
    assert.deepEqual(parsePropertyPath("plan[1].floor"), ["plan", 1, "floor"]);
    assert.deepEqual(parsePropertyPath('tags["a.b"].c'), ["tags", "a.b", "c"]);
    assert.deepEqual(parsePropertyPath('["with \\"quotes\\""]'), ['with "quotes"']);
  });

  it("lead to a value, or nowhere", () => {
    const value = { plan: [{ floor: 1 }, { floor: 2 }] };
    assert.equal(valueAt(value, "plan[1].floor"), 2);
    assert.equal(valueAt(value, "plan[2].floor"), undefined);
    assert.equal(valueAt(value, "size.bytes"), undefined);
  });

  it("of what differs lead to each leaf, and back to its value", () => {
    const [before, after] = [
      { count: 1, plan: [{ floor: 1 }], tags: { "a.b": 1 }, same: [1] },
      { count: 2, plan: [{ floor: 1 }, { floor: 3 }], tags: { "a.b": 2 }, same: [1] },
    ];
    const paths = differingPaths(before, after);
    assert.deepEqual(paths, ["count", "plan[1]", 'tags["a.b"]']);
    assert.deepEqual(
      paths.map((path) => valueAt(after, path)),
      [2, { floor: 3 }, 2],
    );
  });
});
