import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { encodePprof } from "./encode-pprof.ts";
import type { Profile } from "./profile.ts";

/** Files of a directory that are kept. */
const MOST_FILES = 100;
const PERIOD_SECONDS = 0.01;
const SUFFIX = ".pb.gz";

/** Profiles as files that `go tool pprof` and others read; the newest hundred. */
export class KeptProfiles {
  readonly #directory: string;

  /** @throws Error when the directory cannot be made */
  constructor(directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#directory = directory;
  }

  /** @param name of letters, digits and hyphens @throws Error when it cannot be written */
  keep(name: string, profile: Profile): void {
    const at = new Date(profile.at * 1000).toISOString().replace(/[-:]|\.\d+/g, "");
    const file = join(this.#directory, `${at}-${name}${SUFFIX}`);
    writeFileSync(file, gzipSync(encodePprof(profile, PERIOD_SECONDS)), { mode: 0o600 });
    const files = readdirSync(this.#directory).filter((one) => /^\d{8}T\d{6}Z-/.test(one) && one.endsWith(SUFFIX));
    for (const old of files.sort().slice(0, Math.max(0, files.length - MOST_FILES))) rmSync(join(this.#directory, old));
  }
}
