import { closeSync, openSync } from "node:fs";
import { packetCounter } from "./bpf-program.ts";
import type { Libc } from "./libc.ts";

const MAP_CREATE = 0;
const MAP_LOOKUP_ELEM = 1;
const PROG_LOAD = 5;
const LINK_CREATE = 28;
const MAP_TYPE_ARRAY = 2;
const PROG_TYPE_CGROUP_SKB = 8;
const CGROUP_INET_INGRESS = 0;
const CGROUP_INET_EGRESS = 1;
const ENTRY_BYTES = 8;
const LICENSE = Buffer.from("GPL\0");

/** Bytes since it was attached, without loopback. */
export interface Traffic {
  readonly received: number;
  readonly transmitted: number;
}

/**
 * Counts the packets of a cgroup and all below it, whatever network namespace they are in, by two small programs in the kernel
 * (`BPF_PROG_TYPE_CGROUP_SKB`). They go when the descriptors are closed, however the process ends. Needs version 2 of cgroups, CAP_BPF or
 * CAP_SYS_ADMIN with CAP_NET_ADMIN, and Linux 5.7.
 */
export class CgroupTraffic {
  readonly #libc: Libc;
  readonly #descriptors: number[] = [];
  readonly #key = Buffer.alloc(4);
  readonly #value = Buffer.alloc(ENTRY_BYTES);
  readonly #lookup = Buffer.alloc(32);

  private constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** Attaches the programs to a cgroup's directory; or tells why they cannot be. */
  static open(libc: Libc, directory: string): CgroupTraffic | string {
    const traffic = new CgroupTraffic(libc);
    const refusal = traffic.#attach(directory);
    if (refusal === undefined) return traffic;
    traffic.close();
    return `eBPF: ${refusal}`;
  }

  #attach(directory: string): string | undefined {
    const map = this.#call(MAP_CREATE, 72, (bytes) => {
      bytes.writeUInt32LE(MAP_TYPE_ARRAY, 0);
      bytes.writeUInt32LE(4, 4);
      bytes.writeUInt32LE(ENTRY_BYTES, 8);
      bytes.writeUInt32LE(2, 12);
    });
    if (map < 0) return `map: ${this.#libc.error()}`;
    this.#lookup.writeUInt32LE(map, 0);
    this.#lookup.writeBigUInt64LE(this.#libc.address(this.#key), 8);
    this.#lookup.writeBigUInt64LE(this.#libc.address(this.#value), 16);
    let cgroup: number;
    try {
      cgroup = openSync(directory, "r");
    } catch (error) {
      return `${directory}: ${(error as NodeJS.ErrnoException).code}`;
    }
    try {
      for (const direction of [CGROUP_INET_INGRESS, CGROUP_INET_EGRESS]) {
        const code = packetCounter(map, direction);
        const program = this.#call(PROG_LOAD, 128, (bytes) => {
          bytes.writeUInt32LE(PROG_TYPE_CGROUP_SKB, 0);
          bytes.writeUInt32LE(code.length / 8, 4);
          bytes.writeBigUInt64LE(this.#libc.address(code), 8);
          bytes.writeBigUInt64LE(this.#libc.address(LICENSE), 16);
          bytes.writeUInt32LE(direction, 68);
        });
        if (program < 0) return `program: ${this.#libc.error()}`;
        const link = this.#call(LINK_CREATE, 16, (bytes) => {
          bytes.writeUInt32LE(program, 0);
          bytes.writeUInt32LE(cgroup, 4);
          bytes.writeUInt32LE(direction, 8);
        });
        if (link < 0) return `link: ${this.#libc.error()}`;
      }
      return undefined;
    } finally {
      closeSync(cgroup);
    }
  }

  #call(command: number, size: number, fill: (attributes: Buffer) => void): number {
    const attributes = Buffer.alloc(size);
    fill(attributes);
    const descriptor = this.#libc.bpf(command, attributes, size);
    if (descriptor >= 0) this.#descriptors.push(descriptor);
    return descriptor;
  }

  /** Undefined when the kernel does not tell. */
  read(): Traffic | undefined {
    const [received, transmitted] = [CGROUP_INET_INGRESS, CGROUP_INET_EGRESS].map((entry) => this.#entry(entry));
    return received === undefined || transmitted === undefined ? undefined : { received, transmitted };
  }

  #entry(entry: number): number | undefined {
    this.#key.writeUInt32LE(entry);
    if (this.#libc.bpf(MAP_LOOKUP_ELEM, this.#lookup, this.#lookup.length) < 0) return undefined;
    return Number(this.#value.readBigUInt64LE());
  }

  close(): void {
    for (const descriptor of this.#descriptors.splice(0)) this.#libc.close(descriptor);
  }
}
