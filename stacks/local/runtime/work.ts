import { createHash } from "node:crypto";
import { Volume } from "./volume-io.ts";

/** What one request asks of the machine. */
export interface Demand {
  /** Milliseconds of CPU time. */
  readonly cpu: number;
  /** Bytes of the answer. */
  readonly bytes: number;
  /** Bytes written to the volume and read back. */
  readonly disk: number;
  /** Bytes held while the request lasts. */
  readonly memory: number;
  /** Milliseconds that the request lasts beyond its work, as if it waited for another service. */
  readonly wait: number;
  /** Bytes appended to a file of the replica that is kept. */
  readonly keep: number;
}

const MEBIBYTE = 1024 ** 2;
const MOST: Demand = {
  cpu: 5000,
  bytes: 16 * MEBIBYTE,
  disk: 64 * MEBIBYTE,
  memory: 512 * MEBIBYTE,
  wait: 60_000,
  keep: 64 * MEBIBYTE,
};

/** CPU milliseconds after which other requests get their turn. */
const SLICE = 5;
const CHUNK = new Uint8Array(16 * 1024).fill(0x5a);
const PAGE = 4096;

/** The demand from `?cpu=5&bytes=1000&disk=4096&memory=…&wait=…&keep=…`, each optional; what is wrong with it, in words. */
export function parseDemand(query: URLSearchParams): Demand | string {
  const demand = { cpu: 0, bytes: 0, disk: 0, memory: 0, wait: 0, keep: 0 };
  for (const [key, text] of query) {
    if (!Object.hasOwn(demand, key)) return `unknown parameter ${key}; expected ${Object.keys(demand).join(", ")}`;
    const name = key as keyof Demand;
    const value = Number(text);
    if (text === "" || !(value >= 0 && value <= MOST[name]))
      return `${key}: expected a number from 0 to ${MOST[name]}, found ${text}`;
    demand[name] = name === "cpu" ? value : Math.floor(value);
  }
  return demand;
}

/** Does the work and gives the answer's body. */
export async function perform(demand: Demand, volumeDirectory: string, replica: number): Promise<Uint8Array> {
  const held = occupy(demand.memory);
  await compute(demand.cpu);
  const volume = new Volume(volumeDirectory, replica);
  if (demand.disk > 0) await volume.writeAndRead(demand.disk);
  if (demand.keep > 0) await volume.keep(demand.keep);
  if (demand.wait > 0) await new Promise((done) => setTimeout(done, demand.wait));
  const body = new Uint8Array(demand.bytes);
  if (held.length > 0 && held[0] === 0) throw new Error("the memory that was written to is empty");
  return body;
}

/** Memory is only occupied once each page of it has been written to. */
function occupy(bytes: number): Uint8Array {
  const held = new Uint8Array(bytes);
  for (let offset = 0; offset < bytes; offset += PAGE) held[offset] = 1;
  return held;
}

async function compute(milliseconds: number): Promise<void> {
  for (let left = milliseconds; left > 0; ) {
    const slice = Math.min(left, SLICE);
    const start = process.cpuUsage();
    let spent = 0;
    while (spent < slice * 1000) {
      createHash("sha256").update(CHUNK).digest();
      const { user, system } = process.cpuUsage(start);
      spent = user + system;
    }
    left -= slice;
    if (left > 0) await new Promise((done) => setImmediate(done));
  }
}
