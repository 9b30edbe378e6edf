import assert from "node:assert/strict";
import { test } from "node:test";
import { randomNumbers } from "../synthetic.ts";
import { type Floats, Kernel, tanh } from "./kernel.ts";

const random = randomNumbers(3);

function filled(kernel: Kernel, length: number): Floats {
  const floats = kernel.floats(length);
  for (let i = 0; i < length; i++) floats.view[i] = 2 * random() - 1;
  return floats;
}

const { fround } = Math;

test("a product has the bits of the same sums in single precision, whichever way a is stored", () => {
  const [rows, columns, inner] = [8, 24, 13];
  const kernel = new Kernel(4_000);
  const a = filled(kernel, rows * inner);
  const b = filled(kernel, inner * columns);
  for (const stored of [
    { row: inner, column: 1 },
    { row: 1, column: rows },
  ]) {
    const c = filled(kernel, rows * columns);
    const expected = Float32Array.from(c.view, (before, n) => {
      const [i, j] = [Math.floor(n / columns), n % columns];
      let sum = before;
      for (let k = 0; k < inner; k++)
        sum = fround(sum + fround(a.view[i * stored.row + k * stored.column] * b.view[k * columns + j]));
      return sum;
    });
    kernel.multiply(
      rows,
      columns,
      inner,
      { floats: a, ...stored },
      { floats: b, row: columns, column: 1 },
      { floats: c, row: columns, column: 1 },
    );
    assert.deepEqual(c.view, expected);
  }
});

test("a product into a part of a matrix leaves the rest alone", () => {
  const kernel = new Kernel(1_000);
  const a = filled(kernel, 16);
  const b = filled(kernel, 32);
  const c = kernel.floats(4 * 12);
  kernel.multiply(
    4,
    8,
    4,
    { floats: a, row: 4, column: 1 },
    { floats: b, row: 8, column: 1 },
    { floats: c, from: 2, row: 12, column: 1 },
  );
  c.view.forEach((value, i) => {
    assert.equal(value !== 0, i % 12 >= 2 && i % 12 < 10, `element ${i}`);
  });
});

test("sizes that the kernel cannot do are refused", () => {
  const kernel = new Kernel(1_000);
  const m = { floats: kernel.floats(100), row: 10, column: 1 };
  assert.throws(() => kernel.multiply(3, 8, 4, m, m, m), /found 3 × 8/);
});

test("tanh is within 1e-4 of tanh, odd, and never beyond 1", () => {
  for (let x = -8; x <= 8; x += 0.01) {
    assert.ok(Math.abs(tanh(x) - Math.tanh(x)) < 1.05e-4, `tanh(${x})`);
    assert.ok(Math.abs(tanh(x)) <= 1);
    assert.equal(tanh(-x), -tanh(x));
  }
});

test("a cell follows its definition", () => {
  const [rows, hidden] = [3, 8];
  const kernel = new Kernel(1_000);
  const gates = filled(kernel, rows * 4 * hidden);
  gates.view[5] = 40;
  const before = filled(kernel, rows * hidden);
  const after = kernel.floats(rows * hidden);
  const output = kernel.floats(rows * 16);
  const sums = gates.view.slice();
  kernel.cell(
    rows,
    hidden,
    { floats: gates, row: 4 * hidden, column: 1 },
    { floats: before, row: hidden, column: 1 },
    { floats: after, row: hidden, column: 1 },
    { floats: output, from: 4, row: 16, column: 1 },
  );
  const sigmoid = (x: number) => 0.5 + 0.5 * tanh(0.5 * x);
  for (let r = 0; r < rows; r++)
    for (let j = 0; j < hidden; j++) {
      const gate = (n: number) => sums[r * 4 * hidden + n * hidden + j];
      const cell = sigmoid(gate(1)) * before.view[r * hidden + j] + sigmoid(gate(0)) * tanh(gate(2));
      assert.ok(Math.abs(after.view[r * hidden + j] - cell) < 1e-6);
      assert.ok(Math.abs(output.view[r * 16 + 4 + j] - sigmoid(gate(3)) * tanh(cell)) < 1e-6);
      assert.ok(Math.abs(gates.view[r * 4 * hidden + 3 * hidden + j] - sigmoid(gate(3))) < 1e-6);
    }
});
