import type { Context } from "hono";
import { stream } from "hono/streaming";
import type { ApiEngine } from "./api-engine.port.ts";

const PIECE = 500;

/** All entries of the ledger, one in JSON a line, as fast as the client reads. */
export function streamLedger(engine: Pick<ApiEngine, "ledger">, context: Context): Response {
  context.header("content-type", "application/x-ndjson");
  context.header("content-disposition", 'attachment; filename="ledger.ndjson"');
  return stream(context, async (out) => {
    for (let from = 1; !out.aborted; ) {
      const entries = await engine.ledger(from, PIECE);
      if (entries.length === 0) return;
      from = entries[entries.length - 1].sequence + 1;
      await out.write(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    }
  });
}
