import type { Argument, Command, Option } from "commander";
import { EXIT } from "../../cli/exit-code.ts";
import { createProgram } from "../../cli/program.ts";
import { code, page, table } from "./markdown.ts";

const EXITS: Readonly<Record<keyof typeof EXIT, string>> = {
  done: "done",
  failed: "failed",
  input: "wrong input: a file, an option, a value",
  refused: "understood and refused: the state does not allow it, or nothing has that name",
  ledger: "the ledger does not verify",
};

/** Every command with its arguments, options and example, from the command line itself. */
export async function cliPage(): Promise<string> {
  const program = await createProgram(() => true);
  return page(
    "# Command line",
    `${program.description()} \`foreshadow COMMAND --help\` tells the same.`,
    "## Options of every command",
    optionTable(program.options),
    "## Exit codes",
    table(
      ["code", "means"],
      Object.entries(EXIT).map(([name, value]) => [String(value), EXITS[name as keyof typeof EXIT]]),
    ),
    ...program.commands.flatMap((command) => described(command, "##")),
  );
}

function described(command: Command, level: string): string[] {
  const path = pathOf(command);
  const shown = command.options.filter(({ hidden }) => !hidden);
  return [
    `${level} ${path}`,
    `${sentence(command.description())}.`,
    `\`\`\`\nforeshadow ${[path, usageOf(command)].join(" ").trim()}\n\`\`\``,
    ...(command.registeredArguments.length === 0 ? [] : [argumentTable(command.registeredArguments)]),
    ...(shown.length === 0 ? [] : [optionTable(shown)]),
    ...helpAfter(command),
    ...command.commands.flatMap((sub) => described(sub, `${level}#`)),
  ];
}

function pathOf(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${pathOf(parent)} ${command.name()}`;
}

function usageOf(command: Command): string {
  const names = command.registeredArguments.map((one) => {
    const shown = `${one.name()}${one.variadic ? "..." : ""}`;
    return one.required ? `<${shown}>` : `[${shown}]`;
  });
  return [...(command.options.length > 0 ? ["[options]"] : []), ...names].join(" ");
}

function argumentTable(all: readonly Argument[]): string {
  const rows = all.map((one) => [code(one.name()), one.description, one.required ? "it is needed" : without(one)]);
  return table(["argument", "what it is", "without it"], rows);
}

function optionTable(all: readonly Option[]): string {
  const rows = all.map((one) => [code(one.flags), one.description, one.mandatory ? "it is needed" : without(one)]);
  return table(["option", "what it is", "without it"], rows);
}

function without({ defaultValue }: { readonly defaultValue?: unknown }): string {
  return defaultValue === undefined || defaultValue === false ? "–" : code(String(defaultValue));
}

/** The example, and what else the help says after the options. */
function helpAfter(command: Command): string[] {
  let said = "";
  command.configureOutput({
    writeOut: (text) => {
      said += text;
    },
  });
  command.outputHelp();
  const [, after] = said.split(/^Examples?:\n/m);
  if (after === undefined) return [];
  const lines = after.trimEnd().split("\n");
  const example = lines.filter((line) => line.startsWith("  ")).map((line) => line.slice(2));
  const prose = lines.filter((line) => !line.startsWith("  ") && line !== "");
  return [`\`\`\`sh\n${example.join("\n")}\n\`\`\``, ...(prose.length === 0 ? [] : [prose.join(" ")])];
}

function sentence(text: string): string {
  const trimmed = text.replace(/\.$/, "");
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
}
