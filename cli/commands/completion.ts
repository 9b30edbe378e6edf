import { Argument, type Command } from "commander";
import { bashCompletion } from "../completion/bash.ts";
import { commandTree } from "../completion/command-tree.ts";
import { fishCompletion } from "../completion/fish.ts";
import { zshCompletion } from "../completion/zsh.ts";
import { createProgram } from "../program.ts";

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export default function define(program: Command): Command {
  return program
    .command("completion")
    .addArgument(new Argument("<shell>", "the shell that is to complete").choices(Object.keys(SHELLS)))
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow completion bash > ~/.local/share/bash-completion/completions/foreshadow\n  foreshadow completion zsh > ~/.zsh/completions/_foreshadow\n  foreshadow completion fish > ~/.config/fish/completions/foreshadow.fish",
    )
    .action(async (shell: keyof typeof SHELLS) => {
      // This process has defined no other command: each is loaded only when it is asked for.
      process.stdout.write(SHELLS[shell](commandTree(await createProgram(() => true))));
    });
}
