import { createHash } from "node:crypto";
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { formatInstant } from "../../model/instant.ts";
import { writeFileAtomically } from "../atomic-file.ts";
import { acquireInstance } from "./single-instance.ts";
import { openDatabase } from "./sqlite-database.ts";
import type { StoreDirectory } from "./store-directory.ts";
import { StoreError, storeError } from "./store-error.ts";

const MANIFEST = "manifest.json";
/** Databases are copied as one moment saw them, whoever writes meanwhile; the rest are small files that are replaced whole. */
const DATABASES = ["control.db", "usage.db"];
const FILES = ["ledger.key", "ledger.pub", "holds.json", "tokens.json"];

const manifest = z.strictObject({
  format: z.literal("foreshadow.backup"),
  version: z.literal(1),
  createdAt: z.number(),
  foreshadow: z.string(),
  files: z
    .array(
      z.strictObject({
        name: z.enum([...DATABASES, ...FILES]),
        size: z.number().int().nonnegative(),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(DATABASES.length + FILES.length),
});

export type BackupManifest = z.output<typeof manifest>;

/**
 * Copies a store into a new directory, with or without an engine on it: databases, the ledger's key, holds and tokens. State of the forecasts is left out: it
 * is learnt again from the stored past.
 *
 * @param target must not be there yet; it is for the owner alone, since the ledger's private key is in it
 * @param now epoch seconds. @param foreshadow version of the package
 * @throws StoreError when there is no store, or the target is there
 */
export async function backUpStore(
  directory: StoreDirectory,
  target: string,
  now: number,
  foreshadow: string,
): Promise<BackupManifest> {
  if (!existsSync(directory.controlDatabase))
    throw new StoreError("missing", directory.path, "there is no store here yet, so there is nothing to back up");
  if (existsSync(target))
    throw new StoreError(
      "busy",
      target,
      "expected a directory that is not there yet; a backup never overwrites another",
    );
  const unfinished = `${target}.unfinished`;
  try {
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true, mode: 0o700 });
    for (const name of DATABASES) copyDatabase(join(directory.path, name), join(unfinished, name));
    for (const name of FILES) {
      const path = join(directory.path, name);
      if (existsSync(path)) copyFileSync(path, join(unfinished, name));
    }
    const names = [...DATABASES, ...FILES].filter((name) => existsSync(join(unfinished, name)));
    const files = await Promise.all(names.map((name) => describe(unfinished, name)));
    const written = { format: "foreshadow.backup", version: 1, createdAt: now, foreshadow, files } as BackupManifest;
    writeFileAtomically(join(unfinished, MANIFEST), `${JSON.stringify(written, null, 1)}\n`);
    renameSync(unfinished, target);
    return written;
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw storeError(error, target, "backing up the store");
  }
}

/**
 * Puts a backup in the place of a store. What was there is kept beside it, and what a backup does not have is not taken from it.
 *
 * @param replace whether a store that is there may be replaced. @param now epoch seconds
 * @returns where the former store is, if there was one
 * @throws StoreError when an engine runs on the store, the backup is damaged, or there is a store and `replace` is false: nothing has changed then
 */
export async function restoreStore(
  source: string,
  directory: StoreDirectory,
  replace: boolean,
  now: number,
): Promise<{ readonly manifest: BackupManifest; readonly former?: string }> {
  const found = await checkBackup(source);
  const former = existsSync(directory.controlDatabase);
  if (former && !replace)
    throw new StoreError("busy", directory.path, "there is a store here already; with --replace it is set aside first");
  const instance = acquireInstance(directory, now);
  try {
    const place = formatInstant(Math.floor(now)).replace(/:/g, "");
    const [staged, aside] = [join(directory.path, "restoring"), join(directory.path, `former-${place}`)];
    rmSync(staged, { recursive: true, force: true });
    mkdirSync(staged, { mode: 0o700 });
    for (const { name } of found.files) copyFileSync(join(source, name), join(staged, name));
    if (former) mkdirSync(aside, { mode: 0o700 });
    for (const name of [...DATABASES.flatMap((one) => [one, `${one}-wal`, `${one}-shm`]), ...FILES, "models"]) {
      const path = join(directory.path, name);
      if (existsSync(path)) renameSync(path, join(aside, name));
    }
    for (const { name } of found.files) renameSync(join(staged, name), join(directory.path, name));
    rmSync(staged, { recursive: true });
    return { manifest: found, ...(former && { former: aside }) };
  } catch (error) {
    throw storeError(error, directory.path, "restoring the store");
  } finally {
    instance.release();
  }
}

/** @throws StoreError unless every file of the backup is what was written */
async function checkBackup(source: string): Promise<BackupManifest> {
  const path = join(source, MANIFEST);
  if (!existsSync(path)) throw new StoreError("missing", source, "expected a backup, found no manifest in it");
  let found: BackupManifest;
  try {
    found = manifest.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    throw new StoreError("corrupt", path, "its manifest is damaged, or of another version", error);
  }
  for (const file of found.files) {
    const present = existsSync(join(source, file.name)) ? await describe(source, file.name) : undefined;
    if (present?.sha256 !== file.sha256)
      throw new StoreError("corrupt", join(source, file.name), "it is not what was backed up; use another backup");
  }
  return found;
}

function copyDatabase(from: string, to: string): void {
  if (!existsSync(from)) return;
  const database = openDatabase(from, { readOnly: true, busyTimeout: 10_000 });
  try {
    // The file is there beforehand, so that it is for the owner alone.
    writeFileSync(to, "", { mode: 0o600 });
    database.prepare("VACUUM INTO ?").run(to);
  } finally {
    database.close();
  }
}

async function describe(directory: string, name: string): Promise<BackupManifest["files"][number]> {
  const path = join(directory, basename(name));
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return { name, size: statSync(path).size, sha256: hash.digest("hex") };
}
