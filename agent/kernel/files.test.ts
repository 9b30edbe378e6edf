import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { FakeHost } from "../fixtures/fake-host.ts";
import { CgroupIo, parseIoStat, parseServiced } from "./cgroup-io.ts";
import { keyedNumber, keyedSum } from "./flat-keyed.ts";
import { parseNetDev } from "./net-dev.ts";
import { refusedConnections } from "./net-netstat.ts";
import { listeningSockets, waitingConnections } from "./net-tcp.ts";
import { parseProcessIo } from "./process-io.ts";
import { parseSchedstat } from "./schedstat.ts";

test("io gives what reached storage, not what passed through system calls", () => {
  const bytes = Buffer.from(
    "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5000\nwrite_bytes: 6000\ncancelled_write_bytes: 7\n",
  );
  const io = { read: 0, written: 0 };
  assert.equal(parseProcessIo(bytes, bytes.length, io), true);
  assert.deepEqual(io, { read: 5000, written: 6000 });
  assert.equal(parseProcessIo(bytes, bytes.indexOf("write_bytes"), io), false, "a cut file is refused");
});

test("schedstat gives run and wait in nanoseconds", () => {
  const bytes = Buffer.from("123456789 987654321 42\n");
  const schedstat = { run: 0, wait: 0, slices: 0 };
  assert.equal(parseSchedstat(bytes, bytes.length, schedstat), true);
  assert.deepEqual(schedstat, { run: 123456789, wait: 987654321, slices: 42 });
  assert.equal(parseSchedstat(bytes, 5, schedstat), false);
});

test("net/dev leaves loopback aside and takes interfaces whose figures touch the colon", () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 1000 10 0 0 0 0 0 0 1000 10 0 0 0 0 0 0
  eth0:123456 20 0 0 0 0 0 0 654321 30 0 0 0 0 0 0
eth0:1: 7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0
 cut: 5 5
`;
  assert.deepEqual(
    parseNetDev(text),
    new Map([
      ["eth0", { received: 123456, transmitted: 654321 }],
      ["eth0:1", { received: 7, transmitted: 8 }],
    ]),
  );
});

test("only sockets that listen on the port count, not connections from or to it", () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0 100 0 0 10 0
   2: 0100007F:D431 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 333 1 0 100 0 0 10 0
   3: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 444 1 0 100 0 0 10 0
`;
  assert.deepEqual(listeningSockets(text), [
    { inode: "111", address: "0100007F", port: 8080 },
    { inode: "444", address: "00000000", port: 22 },
  ]);
});

test("io.stat is summed over devices", () => {
  const text =
    "8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=5 dios=9\n8:16 rbytes=100 wbytes=200 rios=3 wios=4\n253:0 \n";
  assert.deepEqual(parseIoStat(text), { read: 110, written: 220, reads: 4, writes: 6 });
  assert.deepEqual(parseIoStat(""), { read: 0, written: 0, reads: 0, writes: 0 });
});

test("blkio's reads and writes are summed, its totals left aside", () => {
  const text = "8:0 Read 10\n8:0 Write 20\n8:0 Sync 30\n8:0 Total 30\n8:16 Read 5\nTotal 35\n";
  assert.deepEqual(parseServiced(text), { read: 15, write: 20 });
});

test("a flat keyed file gives the number of a whole key, first line or later", () => {
  const text = "anon 5\nfile 6\ninactive_file 7\nhuge\n";
  assert.deepEqual(
    ["anon", "file", "inactive_file", "no", "huge"].map((key) => keyedNumber(text, key)),
    [5, 6, 7, Number.NaN, Number.NaN],
  );
  assert.equal(keyedSum(text, ["anon", "no", "file"]), 11);
  assert.equal(keyedSum(text, ["no"]), Number.NaN);
});

test("connections waiting are those in the accept queues of listening sockets", () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000011 00:00000000 00000000     0        0 77 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:A1B2 01 00000000:00000FFF 00:00000000 00000000     0        0 78 1 0 20 4 30 10 -1
`;
  assert.equal(waitingConnections(text), 17);
  assert.equal(waitingConnections("no table"), 0);
});

test("connections refused are found by the names of netstat, wherever they stand", () => {
  const text =
    "TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPReqQFullDrop\nTcpExt: 1 20 300 4\nIpExt: InNoRoutes\nIpExt: 9\n";
  assert.equal(refusedConnections(text), 24);
  assert.equal(refusedConnections("IpExt: InNoRoutes\nIpExt: 9\n"), Number.NaN);
});

test("limits of bytes and of operations are the least of any device, in both versions", () => {
  const host = new FakeHost();
  const none = Number.POSITIVE_INFINITY;
  try {
    host.write("two/io.stat", "");
    host.write(
      "two/io.max",
      "8:0 rbps=max wbps=5000 riops=max wiops=90\n8:16 rbps=max wbps=4000 riops=max wiops=max\n",
    );
    const two = CgroupIo.of(join(host.directory, "two"), 2, { limit: 0, used: 0 });
    assert.deepEqual(two?.limits(), { read: none, write: 4000, reads: none, writes: 90 });
    for (const name of ["io_service_bytes_recursive", "io_serviced_recursive"])
      host.write(`one/blkio.throttle.${name}`, "Total 0\n");
    host.write("one/blkio.throttle.read_bps_device", "8:0 7000\n");
    host.write("one/blkio.throttle.write_iops_device", "8:0 300\n8:16 200\n");
    const one = CgroupIo.of(join(host.directory, "one"), 1, { limit: 0, used: 0 });
    assert.deepEqual(one?.limits(), { read: 7000, write: none, reads: none, writes: 200 });
  } finally {
    host.close();
  }
});
