import assert from "node:assert/strict";
import { test } from "node:test";
import { parseProject } from "../../model/project.ts";
import { networkPlace } from "./network-server.ts";

const place = (api: string, tokens = 0) =>
  networkPlace(
    parseProject(
      `version: 1\napi: ${api}\nworkloads:\n  - { name: w, select: { cgroup: /w }, stack: { dir: ".", name: s }, constraints: w.yaml }\n`,
      "p",
    ),
    "/",
    tokens,
  );

test("without a word the API is on loopback, and nowhere where that is said", () => {
  assert.deepEqual(place("{}"), {
    host: "127.0.0.1",
    port: 9479,
    secure: false,
    proxy: false,
    hosts: ["localhost", "127.0.0.1", "[::1]"],
  });
  assert.equal(place("{ listen: none }"), undefined);
});

test("beyond loopback it wants TLS or a proxy, and a token", () => {
  assert.throws(() => place("{ listen: '0.0.0.0:9479' }", 1), /expected a loopback address, or api\.certificate/);
  assert.throws(() => place("{ listen: '0.0.0.0:9479', proxy: true }"), /until there is a token/);
  assert.throws(
    () => place("{ listen: '0.0.0.0:9479', certificate: /none, key: /none }", 1),
    /readable file, found ENOENT/,
  );
  assert.throws(
    () => place("{ listen: '0.0.0.0:9479', certificate: c.pem }"),
    /api\.key: expected certificate and key/,
  );
  assert.throws(() => place("{ listen: somewhere }"), /expected an address such as/);
  const found = place("{ listen: '[2001:db8::1]:443', proxy: true, hosts: [Scale.example] }", 1);
  assert.deepEqual(found?.hosts, ["localhost", "127.0.0.1", "[::1]", "[2001:db8::1]", "scale.example"]);
  assert.equal(found?.secure, true);
});
