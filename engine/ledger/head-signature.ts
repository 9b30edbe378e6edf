import { type KeyObject, sign, verify } from "node:crypto";
import type { LedgerHead } from "../orchestrator/change/ledger.port.ts";
import { type ChainHead, formatAnchor } from "./hash-chain.ts";

/** Keeps a signature of the key over anything else from passing for one over a head. */
const DOMAIN = "foreshadow ledger head 1\n";

/** Signs a head with an Ed25519 key ({@link https://www.rfc-editor.org/rfc/rfc8032 RFC 8032}); the signature is base64. */
export function signHead(head: ChainHead, privateKey: KeyObject): LedgerHead {
  const { sequence, hash } = head;
  return { sequence, hash, signature: sign(null, signedBytes(head), privateKey).toString("base64") };
}

/** Whether the head bears a signature of the key's owner. */
export function isSigned(head: LedgerHead, publicKey: KeyObject): boolean {
  return verify(null, signedBytes(head), publicKey, Buffer.from(head.signature, "base64"));
}

function signedBytes(head: ChainHead): Buffer {
  const { sequence, hash } = head;
  return Buffer.from(DOMAIN + formatAnchor({ sequence, hash }), "utf8");
}
