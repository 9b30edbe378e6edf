import { test } from "node:test";
import { fuzz } from "../intake/hostile-bodies.ts";

for (let part = 0; part < 10; part++)
  test(`ten thousand damaged bodies are taken or refused with a reason, part ${part + 1} of 10`, async () => {
    await fuzz(10_000, 100 + part);
  });
