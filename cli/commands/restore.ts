import { resolve } from "node:path";
import type { Command } from "commander";
import { readLedger } from "../../engine/ledger-check.ts";
import { restoreStore } from "../../engine/store/backup.ts";
import { storeDirectory } from "../../engine/store/store-directory.ts";
import { formatInstant } from "../../model/instant.ts";
import { contextOf } from "../context.ts";
import { EXIT } from "../exit-code.ts";

export default function define(program: Command): Command {
  return program
    .command("restore")
    .argument("<directory>", "a backup, as `foreshadow backup` made it")
    .option("--replace", "set aside a store that is there")
    .addHelpText(
      "after",
      `\nExample:\n  foreshadow restore /var/backups/foreshadow/2026-11-24 --replace\n\nNo engine may run on the store. Afterwards the ledger is verified: entries that came after the backup are missing then, and git, where their anchors
are, says so (exit code ${EXIT.ledger}). The store that was there is kept beside the new one.`,
    )
    .action(async (source: string, { replace }: { replace?: boolean }, command: Command) => {
      const { output, project } = contextOf(command);
      const files = project();
      const directory = storeDirectory(files.project.store, files.root);
      const { manifest, former } = await restoreStore(resolve(source), directory, replace === true, Date.now() / 1000);
      const ledger = await readLedger(files);
      output.result({ ...manifest, former, ledger }, () => [
        `restored the store of ${formatInstant(Math.floor(manifest.createdAt))}`,
        ...(former === undefined ? [] : [`the former one is in ${former}`]),
        `ledger: ${ledger.entries} entries, ${ledger.valid ? "valid" : "NOT VALID"}`,
        ...ledger.problems.map(({ sequence, text }) => `  entry ${sequence}: ${text}`),
      ]);
      if (!ledger.valid) process.exitCode = EXIT.ledger;
    });
}
