import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { decodePprof } from "./decode-pprof.ts";
import { type LoopbackPort, loopbackPorts } from "./loopback-ports.ts";
import type { Profile } from "./profile.ts";
import type { Profiler } from "./profiler.port.ts";

const inflate = promisify(gunzip);
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_INFLATED = 64 * 1024 * 1024;
/** Ports of one process that are asked. */
const MOST_PORTS = 8;
const PATIENCE_SECONDS = 5;

/**
 * Profiles Go programs that serve `net/http/pprof` (https://pkg.go.dev/net/http/pprof): on the stated port, which must be the process's, or on
 * the first of its ports that does. A request that ends early ends the profile.
 */
export const goProfiler: Profiler = {
  async profile({ procRoot, pid, port: stated }, seconds, signal) {
    const ports = loopbackPorts(procRoot, pid).filter(({ port }) => stated === undefined || port === stated);
    if (ports.length === 0)
      throw new Error(
        stated === undefined ? "it listens on no port of loopback" : `it does not listen on port ${stated} of loopback`,
      );
    for (const port of ports.slice(0, MOST_PORTS)) {
      const profile = await ask(port, seconds, signal);
      if (profile !== undefined) return profile;
    }
    throw new Error(
      `no profile at /debug/pprof/profile of port ${ports.map(({ port }) => port).join(", ")}; a Go program serves it when it imports net/http/pprof`,
    );
  },
};

/** @returns undefined where the port serves no such thing */
async function ask({ host, port }: LoopbackPort, seconds: number, signal: AbortSignal): Promise<Profile | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout((seconds + PATIENCE_SECONDS) * 1000)]);
  let bytes: Uint8Array;
  try {
    const url = `http://${host}:${port}/debug/pprof/profile?seconds=${seconds}`;
    const answer = await fetch(url, { signal: limit, redirect: "error" });
    if (answer.status !== 200) {
      await answer.body?.cancel();
      return undefined;
    }
    bytes = await bounded(answer);
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    return decodePprof(zipped ? await inflate(bytes, { maxOutputLength: MOST_INFLATED }) : bytes);
  } catch {
    return undefined;
  }
}

async function bounded({ body }: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new Error(`expected a profile of at most ${MOST_BYTES} bytes, found more`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
