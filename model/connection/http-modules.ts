/**
 * Node's HTTP without what only some need. An `import` of `node:http` reads each of its exports, `WebSocket` among them, which
 * loads 13 MiB of undici; one of `node:https` loads OpenSSL, 7 MiB. For processes whose memory counts.
 */

export function http(): typeof import("node:http") {
  return process.getBuiltinModule("node:http");
}

export function https(): typeof import("node:https") {
  return process.getBuiltinModule("node:https");
}
