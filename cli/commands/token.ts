import { randomBytes } from "node:crypto";
import { type Command, Option } from "commander";
import { SCOPES, type Scope } from "../../engine/api/access/principal.ts";
import { newToken, type StoredToken } from "../../engine/api/access/token.ts";
import { tokenFile } from "../../engine/serve-api.ts";
import { createStoreDirectory, storeDirectory } from "../../engine/store/store-directory.ts";
import { formatInstant } from "../../model/instant.ts";
import { contextOf } from "../context.ts";
import { durationArgument } from "../duration-argument.ts";
import { EXIT } from "../exit-code.ts";

export default function define(program: Command): Command {
  const token = program.command("token");
  token
    .command("create")
    .summary("make a token for a person or a program")
    .argument("<name>", "whose it is: what is done with it goes to the ledger under this name")
    .addOption(new Option("--scope <scope...>", "what it may").choices(SCOPES).default(["read"]))
    .option("--person", "a person's: only a person may approve")
    .option("--expires <duration>", "how long it lets in", "90d")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow token create ann --scope approve --person --expires 30d\n\nThe token is shown once; the store keeps a hash. Needs no engine, and one that runs takes it at once.",
    )
    .action((name: string, options: { scope: Scope[]; person?: boolean; expires: string }, command: Command) => {
      const { output, project } = contextOf(command);
      const files = project();
      createStoreDirectory(storeDirectory(files.project.store, files.root));
      const { scope: scopes, person = false } = options;
      const lifetime = durationArgument("--expires", options.expires);
      const made = newToken({ name, scopes, person, lifetime }, now(), randomBytes);
      tokenFile(files).add(made.stored);
      output.result({ token: made.token, ...shown(made.stored) }, () => [made.token]);
    });
  token
    .command("list")
    .summary("list the tokens, without what lets in")
    .addHelpText("after", "\nExample:\n  foreshadow token list")
    .action((_options: unknown, command: Command) => {
      const { output, project } = contextOf(command);
      const tokens = tokenFile(project()).read().map(shown);
      output.result({ tokens }, () => (tokens.length === 0 ? ["no tokens"] : tokens.map(line)));
    });
  token
    .command("revoke")
    .summary("let a token in no more")
    .argument("<id>", "identifier of the token, from `foreshadow token list`")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow token revoke 4f2a90c1b3d7\n\nActs at the next request; sessions that the token began end too.",
    )
    .action((id: string, _options: unknown, command: Command) => {
      const { output, project } = contextOf(command);
      const revoked = tokenFile(project()).revoke(id, now());
      output.result({ id, revoked }, () => [revoked ? `${id}: revoked` : `no token ${id} that lets in`]);
      if (!revoked) process.exitCode = EXIT.refused;
    });
  token
    .command("prune")
    .summary("forget tokens that are expired or revoked")
    .addHelpText("after", "\nExample:\n  foreshadow token prune")
    .action((_options: unknown, command: Command) => {
      const { output, project } = contextOf(command);
      const pruned = tokenFile(project()).prune(now());
      output.result({ pruned }, () => [`${pruned} forgotten`]);
    });
  return token;
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

function shown({ hash: _, ...rest }: StoredToken) {
  return rest;
}

function line({ id, name, scopes, person, expiresAt, revokedAt }: ReturnType<typeof shown>): string {
  const until = revokedAt === undefined ? `until ${formatInstant(expiresAt)}` : `revoked ${formatInstant(revokedAt)}`;
  return `${id}  ${name}  ${scopes.join(",")}  ${person ? "person" : "program"}  ${until}${expiresAt <= now() ? " (expired)" : ""}`;
}
