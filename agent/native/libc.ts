import { createRequire } from "node:module";

/** The calls of the C library that Node has no API for. Each returns -1 on an error; then `error()` names it. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(socket: number, address: Buffer, length: number): number;
  setsockopt(socket: number, level: number, option: number, value: Buffer, length: number): number;
  send(socket: number, bytes: Buffer, length: number, flags: number): number;
  recv(socket: number, into: Buffer, length: number, flags: number): number;
  close(descriptor: number): number;
  /** bpf(2); on this kind of machine. */
  bpf(command: number, attributes: Buffer, size: number): number;
  /** Where a buffer is in memory, for calls that take it inside a structure. It must be kept for as long as it is used there. */
  address(buffer: Buffer): bigint;
  /** Name of the last error, such as `EPERM`. */
  error(): string;
}

/** Numbers of bpf(2). */
const BPF: Readonly<Record<string, number>> = { x64: 321, arm64: 280 };

let loaded: Libc | string | undefined;

/** The C library through koffi, an optional dependency; or why it cannot be used. */
export function loadLibc(): Libc | string {
  loaded ??= load();
  return loaded;
}

function load(): Libc | string {
  let koffi: typeof import("koffi");
  try {
    koffi = createRequire(import.meta.url)("koffi");
  } catch {
    return "the optional package koffi is not installed";
  }
  try {
    const library = koffi.load("libc.so.6");
    const names = new Map(Object.entries(koffi.os.errno).map(([name, code]) => [code, name]));
    const syscall = library.func("long syscall(long, int, void *, uint32_t)");
    return {
      bpf: (command, attributes, size) => {
        const number = BPF[process.arch];
        return number === undefined ? -1 : Number(syscall(number, command, attributes, size));
      },
      address: (buffer) => BigInt(koffi.address(buffer)),
      socket: library.func("int socket(int, int, int)"),
      bind: library.func("int bind(int, const void *, uint32_t)"),
      setsockopt: library.func("int setsockopt(int, int, int, const void *, uint32_t)"),
      send: library.func("intptr_t send(int, const void *, size_t, int)"),
      recv: library.func("intptr_t recv(int, _Out_ void *, size_t, int)"),
      close: library.func("int close(int)"),
      error: () => names.get(koffi.errno()) ?? `error ${koffi.errno()}`,
    };
  } catch (error) {
    return `the C library cannot be called: ${error instanceof Error ? error.message : error}`;
  }
}
