import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { writeFileAtomically, writeNewFile } from "../atomic-file.ts";
import type { StoreDirectory } from "./store-directory.ts";
import { StoreError, storeError } from "./store-error.ts";

export interface LedgerKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Creates the key that signs the ledger's head, unless there is one. It appears whole or not at all. */
export function createLedgerKey({ ledgerKey, ledgerPublicKey }: StoreDirectory): void {
  if (existsSync(ledgerKey)) return;
  const pair = generateKeyPairSync("ed25519");
  try {
    writeNewFile(ledgerKey, pair.privateKey.export({ type: "pkcs8", format: "pem" }) as string);
    // Whoever came first has the key; the public half is always taken from what is on disk.
    writeFileAtomically(ledgerPublicKey, publicText(readPrivate(ledgerKey)));
  } catch (error) {
    throw storeError(error, ledgerKey, "creating the ledger's key");
  }
}

/**
 * Reads the key; writes its public half again where that is gone.
 *
 * @throws StoreError when it is not there, is no Ed25519 key, or does not belong to the public key beside it
 */
export function readLedgerKey(directory: StoreDirectory): LedgerKey {
  const { ledgerKey, ledgerPublicKey } = directory;
  const privateKey = readPrivate(ledgerKey);
  const publicKey = createPublicKey(privateKey);
  const stored = readLedgerPublicKey(directory);
  if (stored === undefined) writeFileAtomically(ledgerPublicKey, publicText(privateKey));
  else if (!stored.equals(publicKey))
    throw new StoreError(
      "tampered",
      ledgerPublicKey,
      `it does not belong to ${ledgerKey}. Restore the two as they were`,
    );
  return { privateKey, publicKey };
}

/**
 * The key that a head's signature is checked with; `undefined` when it is not there.
 *
 * @throws StoreError when the file is no Ed25519 public key
 */
export function readLedgerPublicKey({ ledgerPublicKey }: StoreDirectory): KeyObject | undefined {
  if (!existsSync(ledgerPublicKey)) return undefined;
  return parseKey(ledgerPublicKey, createPublicKey);
}

function readPrivate(path: string): KeyObject {
  return parseKey(path, createPrivateKey);
}

function parseKey(path: string, parse: (text: string) => KeyObject): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = parse(readFileSync(path, "utf8"));
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== undefined && /^E[A-Z]+$/.test(code)) throw storeError(error, path, "reading the ledger's key");
  }
  if (key?.asymmetricKeyType === "ed25519") return key;
  throw new StoreError(
    "corrupt",
    path,
    "expected an Ed25519 key in PEM, found something else. Restore it from a backup",
  );
}

function publicText(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ type: "spki", format: "pem" }) as string;
}
