import { z } from "zod";
import { ledgerPage } from "../ledger-page.ts";
import { operation } from "../operation.ts";
import * as schemas from "../schemas.ts";

/** The record, and the settings. */
export const RECORDS = [
  operation({
    id: "listLedger",
    method: "GET",
    path: "/ledger",
    summary: "Entries of the ledger; of a search, as many as were found in the next 20,000 entries",
    scope: "read",
    query: z.object({
      limit: z.coerce.number().int().min(1).max(1000).default(100),
      from: z.coerce
        .number()
        .int()
        .min(1)
        .optional()
        .describe("Sequence of the first; the newest first begin there and go back."),
      cursor: z.coerce.number().int().min(1).optional().describe("`next` of the page before."),
      newest: z.enum(["true", "false"]).default("false"),
      kind: z.string().max(100).optional(),
      workload: schemas.workloadName.optional(),
      changeset: z.string().max(100).optional(),
    }),
    answer: schemas.pageSchema("Ledger", schemas.ledgerEntry),
    run: async ({ engine, query }) => ledgerPage(engine, query),
  }),
  operation({
    id: "verifyLedger",
    method: "GET",
    path: "/ledger/verification",
    summary: "Whether chain, signature, stored changesets and anchors in git agree",
    scope: "read",
    answer: schemas.verification,
    run: ({ records }) => records.verifyLedger(),
  }),
  operation({
    id: "getSettings",
    method: "GET",
    path: "/settings",
    summary: "The files that say how the engine is set",
    scope: "read",
    answer: schemas.settings,
    run: async ({ records }) => ({ files: await records.settings() }),
  }),
];
