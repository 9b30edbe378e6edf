import type { CgroupTraffic, Traffic } from "../native/cgroup-traffic.ts";
import type { Sampling } from "./sampling.ts";

/** Bytes since the read before; `first` where there is none; or why packets are not counted, where they might have been. */
export type PacketReading = Traffic | "first" | { readonly reason: string | undefined };

/** Traffic of a workload's cgroup, counted packet by packet. */
export class PacketSampler {
  #directory: string | undefined;
  #counter: CgroupTraffic | string | undefined;
  #before: Traffic | undefined;

  /** @param directory of the cgroup in the hierarchy of version 2; undefined when it has none */
  read({ countPackets }: Sampling, directory: string | undefined): PacketReading {
    if (directory !== this.#directory) {
      this.close();
      this.#directory = directory;
      this.#counter = directory === undefined ? undefined : countPackets(directory);
    }
    if (typeof this.#counter !== "object") return { reason: this.#counter };
    const now = this.#counter.read();
    const before = this.#before;
    this.#before = now;
    if (now === undefined) return { reason: "eBPF: the counters cannot be read" };
    if (before === undefined) return "first";
    return { received: now.received - before.received, transmitted: now.transmitted - before.transmitted };
  }

  close(): void {
    if (typeof this.#counter === "object") this.#counter.close();
    this.#directory = this.#counter = this.#before = undefined;
  }
}
