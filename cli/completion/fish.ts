import { placed, type TreeCommand } from "./command-tree.ts";

/** A completion for fish (https://fishshell.com/docs/current/completions.html): commands and options with what they do, and files. */
export function fishCompletion(program: TreeCommand): string {
  const { name } = program;
  const lines = placed(program).flatMap(({ path, command }) => {
    const here = condition(path, command);
    return [
      ...command.commands.map((one) => `complete -c ${name} -f ${here} -a ${one.name} -d ${quoted(one.about)}`),
      ...command.options.map(({ long, short, about, takesValue }) => {
        const words = [long && `-l ${long.slice(2)}`, short && `-s ${short.slice(1)}`].filter(Boolean).join(" ");
        return `complete -c ${name} ${here} ${words}${takesValue ? " -r" : ""} -d ${quoted(about)}`;
      }),
    ];
  });
  return `# fish completion of ${name}: put it into ~/.config/fish/completions/${name}.fish\n${lines.join("\n")}\n`;
}

/** Where a command's own words are proposed: after all names of its path, and before any below it. */
function condition(path: string, { commands }: TreeCommand): string {
  if (path === "") return "-n __fish_use_subcommand";
  const seen = path.split(" ").map((one) => `__fish_seen_subcommand_from ${one}`);
  const below =
    commands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${commands.map((one) => one.name).join(" ")}`];
  return `-n ${quoted([...seen, ...below].join("; and "))}`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
