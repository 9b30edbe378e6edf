/** Netlink messages (RFC 3549; Documentation/userspace-api/netlink/intro.rst): little-endian as all machines that Node runs Linux on. */

export const NLMSG_ERROR = 2;
export const NLM_F_REQUEST = 1;
export const NLM_F_ACK = 4;
const HEADER = 16;
const ATTRIBUTE_HEADER = 4;
/** The two upper bits of an attribute's type are flags. */
const TYPE_MASK = 0x3fff;

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

/** Told a type and where the content stands in the bytes. */
type Visit = (type: number, from: number, to: number) => void;

/** Visits the messages of one datagram. What is cut is left away. */
export function visitMessages(bytes: Buffer, length: number, visit: Visit): void {
  for (let at = 0; at + HEADER <= length; ) {
    const size = bytes.readUInt32LE(at);
    if (size < HEADER || at + size > length) return;
    visit(bytes.readUInt16LE(at + 4), at + HEADER, at + size);
    at += (size + 3) & ~3;
  }
}

/** Visits the attributes between two places of a message or of another attribute. What is cut is left away. */
export function visitAttributes(bytes: Buffer, from: number, to: number, visit: Visit): void {
  for (let at = from; at + ATTRIBUTE_HEADER <= to; ) {
    const size = bytes.readUInt16LE(at);
    if (size < ATTRIBUTE_HEADER || at + size > to) return;
    visit(bytes.readUInt16LE(at + 2) & TYPE_MASK, at + ATTRIBUTE_HEADER, at + size);
    at += (size + 3) & ~3;
  }
}
