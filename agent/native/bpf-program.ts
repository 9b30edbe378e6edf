/** Instructions of BPF (Documentation/bpf/standardization/instruction-set.rst): eight bytes each. */
function instruction(code: number, to: number, from: number, offset: number, immediate: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes[0] = code;
  bytes[1] = (from << 4) | to;
  bytes.writeInt16LE(offset, 2);
  bytes.writeInt32LE(immediate, 4);
  return bytes;
}

const MOVE = 0xbf;
const MOVE_NUMBER = 0xb7;
const ADD_NUMBER = 0x07;
const LOAD_WORD = 0x61;
const STORE_WORD = 0x62;
const LOAD_MAP = 0x18;
const PSEUDO_MAP_FD = 1;
const CALL = 0x85;
const MAP_LOOKUP_ELEM = 1;
const JUMP_IF_EQUAL = 0x15;
const ATOMIC_ADD = 0xdb;
const EXIT = 0x95;
/** Offsets in `struct __sk_buff` (include/uapi/linux/bpf.h). */
const LENGTH = 0;
const INTERFACE = 40;
/** In every network namespace. */
const LOOPBACK = 1;
const [R0, R1, R2, R6, R7, R8, STACK] = [0, 1, 2, 6, 7, 8, 10];

/**
 * A program for `cgroup_skb`: adds the length of each packet, from the network header on, to an entry of an array, and lets it pass. What
 * stays on the host, through loopback, is left aside.
 *
 * @param map descriptor of an array of 64-bit numbers
 * @param entry of the array
 */
export function packetCounter(map: number, entry: number): Buffer {
  return Buffer.concat([
    instruction(MOVE, R6, R1, 0, 0),
    instruction(LOAD_WORD, R8, R6, INTERFACE, 0),
    instruction(JUMP_IF_EQUAL, R8, 0, 9, LOOPBACK),
    instruction(LOAD_WORD, R7, R6, LENGTH, 0),
    instruction(STORE_WORD, STACK, 0, -4, entry),
    instruction(LOAD_MAP, R1, PSEUDO_MAP_FD, 0, map),
    instruction(0, 0, 0, 0, 0),
    instruction(MOVE, R2, STACK, 0, 0),
    instruction(ADD_NUMBER, R2, 0, 0, -4),
    instruction(CALL, 0, 0, 0, MAP_LOOKUP_ELEM),
    instruction(JUMP_IF_EQUAL, R0, 0, 1, 0),
    instruction(ATOMIC_ADD, R0, R7, 0, 0),
    instruction(MOVE_NUMBER, R0, 0, 0, 1),
    instruction(EXIT, 0, 0, 0, 0),
  ]);
}
