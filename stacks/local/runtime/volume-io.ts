import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";

/** The part of the global that is used here; its types come with the browser's, which do not belong in Node. */
declare const WebAssembly: { Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer } };

const PAGE = 4096;
const CHUNK = 256 * 1024;
/** Requests of one worker that are at the disk at the same time; the others wait. */
const LANES = 4;
/** Milliseconds that a request waits for a volume which is being grown, and between two tries. */
const PATIENCE = 10_000;
const PAUSE = 10;

/** Direct I/O needs buffers that are aligned to pages. The memory of a WebAssembly instance is, a Buffer is not. */
let lanes: Uint8Array[] | undefined;
const waiting: ((lane: Uint8Array) => void)[] = [];

/** A worker's own files on the pool's volume. Past the page cache where the filesystem allows it, so that the disk is really used. */
export class Volume {
  readonly #directory: string;
  readonly #replica: number;

  constructor(directory: string, replica: number) {
    this.#directory = join(directory, "data");
    this.#replica = replica;
  }

  /** Writes so many bytes (whole pages) over the replica's scratch file and reads them back. */
  async writeAndRead(bytes: number): Promise<void> {
    const total = Math.ceil(bytes / PAGE) * PAGE;
    const lane = await takeLane();
    try {
      const file = await this.#open(
        `scratch-${this.#replica}-${lane.byteOffset / CHUNK}`,
        constants.O_RDWR | constants.O_CREAT,
      );
      try {
        await inChunks(total, (length, offset) =>
          file.handle.write(lane, 0, length, offset).then(({ bytesWritten }) => bytesWritten),
        );
        if (!file.direct) await file.handle.datasync();
        await inChunks(total, (length, offset) =>
          file.handle.read(lane, 0, length, offset).then(({ bytesRead }) => bytesRead),
        );
      } finally {
        await file.handle.close();
      }
    } finally {
      giveLane(lane);
    }
  }

  /** Appends so many bytes to the replica's kept file. */
  async keep(bytes: number): Promise<void> {
    const handle = await this.#patiently(() => open(join(this.#directory, `kept-${this.#replica}`), "a"));
    try {
      const chunk = new Uint8Array(Math.min(bytes, CHUNK)).fill(0x6b);
      await inChunks(bytes, (length) => handle.write(chunk, 0, length).then(({ bytesWritten }) => bytesWritten));
      await handle.datasync();
    } finally {
      await handle.close();
    }
  }

  async #open(name: string, flags: number): Promise<{ handle: FileHandle; direct: boolean }> {
    const path = join(this.#directory, name);
    return this.#patiently(async () => {
      try {
        return { handle: await open(path, flags | constants.O_DIRECT), direct: true };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw error;
        return { handle: await open(path, flags), direct: false };
      }
    });
  }

  /** `data` exists only on the mounted volume: while it is unmounted to be grown there is nothing to write to by mistake. */
  async #patiently<T>(attempt: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + PATIENCE;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT" || performance.now() > deadline) throw error;
        await new Promise((done) => setTimeout(done, PAUSE));
      }
    }
  }
}

async function inChunks(total: number, step: (length: number, offset: number) => Promise<number>): Promise<void> {
  for (let offset = 0; offset < total; ) {
    const moved = await step(Math.min(CHUNK, total - offset), offset);
    if (moved === 0) throw new Error(`the volume's file ended at ${offset} of ${total} bytes`);
    offset += moved;
  }
}

async function takeLane(): Promise<Uint8Array> {
  lanes ??= makeLanes();
  return lanes.pop() ?? new Promise((resolve) => waiting.push(resolve));
}

function giveLane(lane: Uint8Array): void {
  const next = waiting.shift();
  if (next) next(lane);
  else lanes?.push(lane);
}

function makeLanes(): Uint8Array[] {
  const memory = new WebAssembly.Memory({ initial: (LANES * CHUNK) / 65_536 });
  return Array.from({ length: LANES }, (_, lane) => new Uint8Array(memory.buffer, lane * CHUNK, CHUNK).fill(0x5a));
}
