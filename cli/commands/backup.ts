import { resolve } from "node:path";
import type { Command } from "commander";
import { PACKAGE } from "../../engine/package.ts";
import { backUpStore } from "../../engine/store/backup.ts";
import { storeDirectory } from "../../engine/store/store-directory.ts";
import { contextOf } from "../context.ts";

export default function define(program: Command): Command {
  return program
    .command("backup")
    .argument("<directory>", "where to; it must not be there yet")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow backup /var/backups/foreshadow/2026-11-24\n\nWith or without a running engine. The ledger's private key is in it: keep it as the store itself. Git and Pulumi's state are not: back up those where they are.",
    )
    .action(async (target: string, _options: unknown, command: Command) => {
      const { output, project } = contextOf(command);
      const { project: settings, root } = project();
      const place = resolve(target);
      const manifest = await backUpStore(
        storeDirectory(settings.store, root),
        place,
        Date.now() / 1000,
        PACKAGE.version,
      );
      const bytes = manifest.files.reduce((sum, { size }) => sum + size, 0);
      output.result({ directory: place, ...manifest }, () => [
        `${place}: ${manifest.files.length} files, ${(bytes / 2 ** 20).toFixed(1)} MiB`,
      ]);
    });
}
