import {
  add,
  type Code,
  divide,
  get,
  greatest,
  integer,
  least,
  load,
  loadSplat,
  minus,
  multiply,
  plus,
  repeatWhile,
  set,
  splat,
  store,
  times,
  wasmModule,
} from "./wasm.ts";

/** What this file uses of the global object; Node's types leave it to those of browsers. */
declare namespace WebAssembly {
  class Memory {
    constructor(pages: { initial: number });
    readonly buffer: ArrayBuffer;
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(module: Module, imports: { env: { memory: Memory } });
    readonly exports: unknown;
  }
}

/** Floats in the kernel's memory: a view, and the address that the kernel knows them by. */
export interface Floats {
  readonly view: Float32Array;
  readonly address: number;
}

/** A matrix whose elements are `row` and `column` floats apart. */
export interface Strided {
  readonly floats: Floats;
  /** Index of the first element. */
  readonly from?: number;
  readonly row: number;
  readonly column: number;
}

type Exports = Record<"multiply" | "cell", (...addresses: number[]) => void>;

const PAGE = 65_536;

/**
 * Matrix product and LSTM cell on four floats at a time (WebAssembly SIMD, no relaxed instructions: the same bits on every
 * machine), on a memory of its own that never grows.
 */
export class Kernel {
  private readonly memory: WebAssembly.Memory;
  private readonly functions: Exports;
  private used = 0;

  /** @param floats how many floats will be asked for, at most; each piece is rounded up to four */
  constructor(floats: number) {
    this.memory = new WebAssembly.Memory({ initial: Math.ceil((floats * 4 + 64 * 64) / PAGE) });
    this.functions = new WebAssembly.Instance(compiled(), { env: { memory: this.memory } }).exports as Exports;
  }

  /** Zeros, for good. Throws a `RangeError` when the memory is used up. */
  floats(length: number): Floats {
    const address = this.used;
    const view = new Float32Array(this.memory.buffer, address, length);
    this.used = Math.ceil((address + 4 * length) / 64) * 64;
    return { view, address };
  }

  /**
   * c += a · b, with a of `rows` × `inner` and b of `inner` × `columns`; b and c have their rows in one piece. Rows are a multiple
   * of 4, columns of 8.
   */
  multiply(rows: number, columns: number, inner: number, a: Strided, b: Strided, c: Strided): void {
    if (rows % 4 !== 0 || columns % 8 !== 0 || b.column !== 1 || c.column !== 1)
      throw new RangeError(`expected rows of 4 and columns of 8 in one piece, found ${rows} × ${columns}`);
    this.functions.multiply(
      first(a),
      4 * a.row,
      4 * a.column,
      first(b),
      4 * b.row,
      first(c),
      4 * c.row,
      rows,
      columns,
      inner,
    );
  }

  /**
   * The LSTM cell (Hochreiter and Schmidhuber 1997; forget gate by Gers et al. 2000) on `rows` × 4 `hidden` sums in `gates`, in
   * the order input, forget, candidate, output, which are replaced by what the gates make of them. `cells` before and after may be
   * the same floats. `hidden` is a multiple of 4.
   */
  cell(rows: number, hidden: number, gates: Strided, before: Strided, after: Strided, output: Strided): void {
    this.functions.cell(
      first(gates),
      4 * gates.row,
      first(before),
      4 * before.row,
      first(after),
      4 * after.row,
      first(output),
      4 * output.row,
      4 * hidden,
      rows,
    );
  }
}

/** Where |tanh| reaches 1 by the approximation; beyond it stays there. */
const SATURATED = 4.97;

/**
 * tanh by the continued fraction x/(1 + x²/(3 + x²/(5 + …))) cut after 13 (Lambert 1768): within 1e-4 of it everywhere, and of
 * plain arithmetic only, so that training, inference and every machine agree.
 */
export function tanh(x: number): number {
  const y = Math.max(-SATURATED, Math.min(SATURATED, x));
  const s = y * y;
  return (y * (135_135 + s * (17_325 + s * (378 + s)))) / (135_135 + s * (62_370 + s * (3_150 + s * 28)));
}

function first({ floats, from = 0 }: Strided): number {
  return floats.address + 4 * from;
}

let module: WebAssembly.Module | undefined;

function compiled(): WebAssembly.Module {
  module ??= new WebAssembly.Module(
    wasmModule([
      { name: "multiply", parameters: 10, integers: 6, vectors: 11, body: multiplyBody() },
      { name: "cell", parameters: 10, integers: 1, vectors: 7, body: cellBody() },
    ]),
  );
  return module;
}

/** Blocks of 4 × 8 of c stay in registers while a's columns and b's rows go by. */
function multiplyBody(): Code {
  const [a, aRow, aColumn, b, bRow, c, cRow, rows, columns, inner] = Array.from({ length: 10 }, (_, i) => i);
  const [atA, atB, atC, left, column, block] = Array.from({ length: 6 }, (_, i) => 10 + i);
  const sums = Array.from({ length: 8 }, (_, i) => 16 + i);
  const [b0, b1, s] = [24, 25, 26];
  const row = (base: Code, stride: number, times4: number): Code =>
    times4 === 0 ? base : plus(base, times(get(stride), integer(times4)));
  const rowsOf = (make: (r: number) => Code): Code => [0, 1, 2, 3].flatMap(make);
  const step: Code = [
    ...set(b0, load(get(atB))),
    ...set(b1, load(get(atB), 16)),
    ...rowsOf((r) => [
      ...set(s, loadSplat(row(get(atA), aRow, r))),
      ...set(sums[2 * r], add(get(sums[2 * r]), multiply(get(s), get(b0)))),
      ...set(sums[2 * r + 1], add(get(sums[2 * r + 1]), multiply(get(s), get(b1)))),
    ]),
    ...set(atA, plus(get(atA), get(aColumn))),
    ...set(atB, plus(get(atB), get(bRow))),
    ...set(left, minus(get(left), integer(1))),
  ];
  const oneBlock: Code = [
    ...set(atC, plus(get(c), get(block))),
    ...rowsOf((r) => [
      ...set(sums[2 * r], load(row(get(atC), cRow, r))),
      ...set(sums[2 * r + 1], load(row(get(atC), cRow, r), 16)),
    ]),
    ...set(atA, get(a)),
    ...set(atB, plus(get(b), get(block))),
    ...set(left, get(inner)),
    ...repeatWhile(step, get(left)),
    ...rowsOf((r) => [
      ...store(row(get(atC), cRow, r), get(sums[2 * r])),
      ...store(row(get(atC), cRow, r), get(sums[2 * r + 1]), 16),
    ]),
    ...set(block, plus(get(block), integer(32))),
    ...set(column, minus(get(column), integer(8))),
  ];
  const oneRow: Code = [
    ...set(column, get(columns)),
    ...set(block, integer(0)),
    ...repeatWhile(oneBlock, get(column)),
    ...set(a, row(get(a), aRow, 4)),
    ...set(c, row(get(c), cRow, 4)),
    ...set(rows, minus(get(rows), integer(4))),
  ];
  return repeatWhile(oneRow, get(rows));
}

function cellBody(): Code {
  const [gates, gatesRow, before, beforeRow, after, afterRow, output, outputRow, width, rows] = Array.from(
    { length: 10 },
    (_, i) => i,
  );
  const at = 10;
  const [input, forget, candidate, out, cell, y, s] = Array.from({ length: 7 }, (_, i) => 11 + i);
  const horner = (...coefficients: number[]): Code =>
    coefficients.reduceRight<Code>(
      (sum, c) => (sum.length === 0 ? splat(c) : add(splat(c), multiply(get(s), sum))),
      [],
    );
  const tanhInto = (target: number, value: Code): Code => [
    ...set(y, greatest(splat(-SATURATED), least(splat(SATURATED), value))),
    ...set(s, multiply(get(y), get(y))),
    ...set(target, divide(multiply(get(y), horner(135_135, 17_325, 378, 1)), horner(135_135, 62_370, 3_150, 28))),
  ];
  const sigmoidInto = (target: number, value: Code): Code => [
    ...tanhInto(target, multiply(splat(0.5), value)),
    ...set(target, add(splat(0.5), multiply(splat(0.5), get(target)))),
  ];
  const gate = (n: number): Code => {
    const base = plus(get(gates), get(at));
    return n === 0 ? base : plus(base, times(get(width), integer(n)));
  };
  const four: Code = [
    ...sigmoidInto(input, load(gate(0))),
    ...sigmoidInto(forget, load(gate(1))),
    ...tanhInto(candidate, load(gate(2))),
    ...sigmoidInto(out, load(gate(3))),
    ...store(gate(0), get(input)),
    ...store(gate(1), get(forget)),
    ...store(gate(2), get(candidate)),
    ...store(gate(3), get(out)),
    ...set(cell, add(multiply(get(forget), load(plus(get(before), get(at)))), multiply(get(input), get(candidate)))),
    ...store(plus(get(after), get(at)), get(cell)),
    ...tanhInto(cell, get(cell)),
    ...store(plus(get(output), get(at)), multiply(get(out), get(cell))),
    ...set(at, plus(get(at), integer(16))),
  ];
  const oneRow: Code = [
    ...set(at, integer(0)),
    ...repeatWhile(four, minus(get(width), get(at))),
    ...set(gates, plus(get(gates), get(gatesRow))),
    ...set(before, plus(get(before), get(beforeRow))),
    ...set(after, plus(get(after), get(afterRow))),
    ...set(output, plus(get(output), get(outputRow))),
    ...set(rows, minus(get(rows), integer(1))),
  ];
  return repeatWhile(oneRow, get(rows));
}
