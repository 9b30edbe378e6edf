import type { Command, Option } from "commander";

/** An option as a shell completes it. */
export interface TreeOption {
  /** With its dashes; absent where there is none. */
  readonly long?: string;
  readonly short?: string;
  readonly about: string;
  /** A value follows it, as a word of its own. */
  readonly takesValue: boolean;
}

/** A command, its options and what is below it. */
export interface TreeCommand {
  readonly name: string;
  readonly about: string;
  readonly options: readonly TreeOption[];
  readonly commands: readonly TreeCommand[];
}

/** A command with the path of its names from the program on: `ledger verify`; the program itself is "". */
export interface PlacedCommand {
  readonly path: string;
  readonly command: TreeCommand;
}

/** What commander knows of a command. Options of the program hold everywhere. */
export function commandTree(program: Command): TreeCommand {
  const everywhere = program.options.map(treeOption);
  const help: TreeOption = { long: "--help", short: "-h", about: "show help", takesValue: false };
  const node = (command: Command): TreeCommand => ({
    name: command.name(),
    about: firstLine(command.summary() || command.description()),
    options: [...(command === program ? [] : command.options.map(treeOption)), ...everywhere, help],
    commands: command.commands.map(node),
  });
  return node(program);
}

function treeOption({ long, short, description, required, optional }: Option): TreeOption {
  return {
    ...(long !== null && long !== undefined && { long }),
    ...(short !== null && short !== undefined && { short }),
    about: firstLine(description),
    takesValue: required || optional,
  };
}

/** Every command below and the program itself. */
export function placed(program: TreeCommand): PlacedCommand[] {
  const below = (command: TreeCommand, path: string): PlacedCommand[] => [
    { path, command },
    ...command.commands.flatMap((one) => below(one, path === "" ? one.name : `${path} ${one.name}`)),
  ];
  return below(program, "");
}

/** The words of a command's options. */
export function words({ options }: TreeCommand): string[] {
  return options.flatMap(({ long, short }) => [long, short]).filter((word) => word !== undefined);
}

/** The words of all options that a value follows. */
export function wordsWithValue(program: TreeCommand): string[] {
  const all = placed(program).flatMap(({ command }) => command.options.filter(({ takesValue }) => takesValue));
  return [...new Set(all.flatMap(({ long, short }) => [long, short]).filter((word) => word !== undefined))].sort();
}

function firstLine(text: string): string {
  return text.split("\n")[0].slice(0, 100);
}
