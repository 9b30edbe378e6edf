/** Netlink messages (RFC 3549; Documentation/userspace-api/netlink/intro.rst): little-endian as all machines that Node runs Linux on. */

export const NLMSG_ERROR = 2;
export const NLM_F_REQUEST = 1;
export const NLM_F_ACK = 4;
const HEADER = 16;
const ATTRIBUTE_HEADER = 4;
/** The two upper bits of an attribute's type are flags. */
const TYPE_MASK = 0x3fff;

export interface Message {
  readonly type: number;
  readonly body: Buffer;
}

/** A message with its header. */
export function message(type: number, flags: number, sequence: number, body: Buffer): Buffer {
  const bytes = Buffer.alloc(HEADER + body.length);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(flags, 6);
  bytes.writeUInt32LE(sequence, 8);
  body.copy(bytes, HEADER);
  return bytes;
}

/** An attribute, padded to four bytes. */
export function attribute(type: number, value: Buffer | string): Buffer {
  const content = typeof value === "string" ? Buffer.from(`${value}\0`, "latin1") : value;
  const bytes = Buffer.alloc((ATTRIBUTE_HEADER + content.length + 3) & ~3);
  bytes.writeUInt16LE(ATTRIBUTE_HEADER + content.length, 0);
  bytes.writeUInt16LE(type, 2);
  content.copy(bytes, ATTRIBUTE_HEADER);
  return bytes;
}

/** The messages of one datagram. What is cut is left away. */
export function* messages(bytes: Buffer): Iterable<Message> {
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    if (length < HEADER || at + length > bytes.length) return;
    yield { type: bytes.readUInt16LE(at + 4), body: bytes.subarray(at + HEADER, at + length) };
    at += (length + 3) & ~3;
  }
}

/** The attributes in a message or in another attribute, by type. */
export function* attributes(bytes: Buffer): Iterable<readonly [type: number, value: Buffer]> {
  for (let at = 0; at + ATTRIBUTE_HEADER <= bytes.length; ) {
    const length = bytes.readUInt16LE(at);
    if (length < ATTRIBUTE_HEADER || at + length > bytes.length) return;
    yield [bytes.readUInt16LE(at + 2) & TYPE_MASK, bytes.subarray(at + ATTRIBUTE_HEADER, at + length)];
    at += (length + 3) & ~3;
  }
}
