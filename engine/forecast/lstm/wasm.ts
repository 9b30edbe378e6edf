/**
 * As much of WebAssembly's binary format as two kernels need (W3C, WebAssembly Core Specification 2.0, chapter 5 "Binary Format",
 * https://www.w3.org/TR/wasm-core-2/). An expression is the bytes of its instructions, operands first.
 */
export type Code = readonly number[];

export interface WasmFunction {
  readonly name: string;
  /** How many parameters, all i32. There is no result. */
  readonly parameters: number;
  /** How many i32 locals, numbered on from the parameters, and v128 locals, numbered on from those. */
  readonly integers: number;
  readonly vectors: number;
  readonly body: Code;
}

const VOID = 0x40;
const I32 = 0x7f;
const V128 = 0x7b;

/** A module that imports its memory as `env.memory` and exports the functions. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [0x60, ...vector(new Array(parameters).fill([I32])), 0]);
  const code = functions.map(({ integers, vectors, body }) => {
    const locals = vector([
      [...unsigned(integers), I32],
      [...unsigned(vectors), V128],
    ]);
    return sized([...locals, ...body, 0x0b]);
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(2, [[...text("env"), ...text("memory"), 2, 0, 1]]),
    ...section(
      3,
      functions.map((_, i) => unsigned(i)),
    ),
    ...section(
      7,
      functions.map(({ name }, i) => [...text(name), 0, ...unsigned(i)]),
    ),
    ...section(10, code),
  ]);
}

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const integer = (value: number): Code => [0x41, ...signed(value)];
export const plus = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const minus = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
export const times = (a: Code, b: Code): Code => [...a, ...b, 0x6c];
/** Runs the body, and again while the condition after it holds. */
export const repeatWhile = (body: Code, condition: Code): Code => [0x03, VOID, ...body, ...condition, 0x0d, 0, 0x0b];

/** Four floats from an address and a constant offset; addresses are multiples of four bytes. */
export const load = (address: Code, offset = 0): Code => [...address, ...simd(0), 2, ...unsigned(offset)];
/** One float, four times. */
export const loadSplat = (address: Code, offset = 0): Code => [...address, ...simd(9), 2, ...unsigned(offset)];
export const store = (address: Code, value: Code, offset = 0): Code => [
  ...address,
  ...value,
  ...simd(11),
  2,
  ...unsigned(offset),
];
/** A constant, four times. */
export const splat = (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer), ...simd(19)];
export const add = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe4)];
export const multiply = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe6)];
export const divide = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe7)];
export const least = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe8)];
export const greatest = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe9)];

function simd(operation: number): number[] {
  return [0xfd, ...unsigned(operation)];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  return [id, ...sized(vector(items))];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function sized(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function text(value: string): number[] {
  return sized([...Buffer.from(value, "utf8")]);
}

/** LEB128, unsigned. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const more = rest >= 0x80;
    bytes.push((rest & 0x7f) | (more ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

/** LEB128, signed. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}
