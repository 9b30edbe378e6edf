/** What the demo came to; with --json printed as one object. */
export interface Summary {
  /** Changesets that were carried out, the rollback left out. */
  readonly actions: number;
  /** Identifier of the changeset that was rolled back. */
  readonly rolledBack: string;
  readonly worldRestored: boolean;
  readonly ledger: { readonly entries: number; readonly valid: boolean; readonly tail: string };
  /** Ticks whose demand needed more replicas than were ready. */
  readonly violationTicks: { readonly foreshadow: number; readonly reactive: number };
  /** Replica-ticks, replicas that start included. */
  readonly cost: { readonly foreshadow: number; readonly reactive: number };
  readonly ticks: number;
  /** Seconds from decision to ready capacity that were measured, and that reactive-only was given. */
  readonly startDelay: number;
  /** What was scaled: properties that changed. */
  readonly dimensions: readonly string[];
  readonly requests: { readonly sent: number; readonly failed: number };
  /** What is still on the host: nothing. */
  readonly leftovers: readonly string[];
}

export function summaryLines(summary: Summary): string[] {
  const {
    actions,
    rolledBack,
    worldRestored,
    ledger,
    violationTicks,
    cost,
    ticks,
    startDelay,
    dimensions,
    requests,
    leftovers,
  } = summary;
  return [
    `actions        ${actions}, on ${dimensions.join(", ")}`,
    `rolled back    ${rolledBack}, world ${worldRestored ? "as before" : "NOT as before"}`,
    `ledger         ${ledger.entries} entries, ${ledger.valid ? "valid" : "NOT VALID"}, tail ${ledger.tail}`,
    `short ticks    ${violationTicks.foreshadow} of ${ticks}; reactive-only on the same demand: ${violationTicks.reactive}`,
    `replica-ticks  ${cost.foreshadow}; reactive-only: ${cost.reactive} (start delay as measured, ${startDelay.toFixed(0)} s)`,
    `requests       ${requests.sent} sent, ${requests.failed} failed`,
    `left behind    ${leftovers.length === 0 ? "nothing" : leftovers.join(", ")}`,
  ];
}
