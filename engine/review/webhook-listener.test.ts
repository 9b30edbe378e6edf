import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, beforeEach, describe, it } from "node:test";
import { listenForWebhooks } from "./webhook-listener.ts";
import { isSigned } from "./webhook-signature.ts";

const SECRET = "It's a Secret to Everybody";

describe("the signature", () => {
  it("is that of GitHub's documentation", () => {
    const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    assert.equal(isSigned(Buffer.from("Hello, World!"), signature, SECRET), true);
    assert.equal(isSigned(Buffer.from("Hello, World?"), signature, SECRET), false);
    assert.equal(isSigned(Buffer.from("Hello, World!"), signature, "another"), false);
    for (const wrong of [undefined, "", "sha256=", signature.slice(0, -1), signature.toUpperCase(), `${signature}0`])
      assert.equal(isSigned(Buffer.from("Hello, World!"), wrong, SECRET), false);
  });
});

describe("the listener", () => {
  let listener: Awaited<ReturnType<typeof listenForWebhooks>>;
  let hints = 0;
  before(async () => {
    listener = await listenForWebhooks({ listen: "127.0.0.1:0", secret: () => SECRET, changed: () => hints++ });
  });
  after(() => listener.close());
  beforeEach(() => {
    hints = 0;
  });
  let deliveries = 0;
  const deliver = async (body: string, headers: Record<string, string> = {}, method = "POST") => {
    const signature = `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`;
    const response = await fetch(`http://127.0.0.1:${listener.port}/`, {
      method,
      ...(method === "POST" && { body }),
      headers: {
        "x-hub-signature-256": signature,
        "x-github-delivery": `d${deliveries++}`,
        "x-github-event": "pull_request",
        ...headers,
      },
    });
    return [response.status, hints];
  };

  it("takes what is signed, once", async () => {
    assert.deepEqual(await deliver("{}", { "x-github-delivery": "same" }), [202, 1]);
    assert.deepEqual(await deliver("{}", { "x-github-delivery": "same" }), [200, 1], "a replay");
    assert.deepEqual(await deliver("{}"), [202, 2]);
  });

  it("refuses what is not, is too large, or is no delivery", async () => {
    assert.deepEqual(await deliver("{}", { "x-hub-signature-256": `sha256=${"0".repeat(64)}` }), [401, 0]);
    assert.deepEqual(await deliver("x".repeat(1024 * 1024 + 1)), [413, 0]);
    assert.deepEqual(await deliver("", {}, "GET"), [405, 0]);
    assert.deepEqual(await deliver("{}", { "x-github-delivery": "d".repeat(101) }), [400, 0]);
  });

  it("a delivery that was refused does not use its identifier up", async () => {
    await deliver("{}", { "x-github-delivery": "later", "x-hub-signature-256": "sha256=no" });
    assert.deepEqual(await deliver("{}", { "x-github-delivery": "later" }), [202, 1]);
  });

  it("is no hint where it is about something else", async () => {
    assert.deepEqual(await deliver("{}", { "x-github-event": "ping" }), [202, 0]);
  });
});
