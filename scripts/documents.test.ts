import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { before, describe, it } from "node:test";
import type { Command } from "commander";
import { createProgram } from "../cli/program.ts";
import { parseCapacity } from "../model/capacity.ts";
import { parseCatalogue } from "../model/catalogue.ts";
import { parseConstraints } from "../model/constraints.ts";
import { parseEnvelope } from "../model/envelope.ts";
import { parseProject } from "../model/project.ts";
import { parseFaults } from "../stacks/simulated/fault-file.ts";
import { DOCUMENTS, fencedBlocks, ROOT, textOf, withoutBlocks } from "./documents.ts";

/** What the documents show holds: their links lead somewhere, their commands are taken, their files are read. */
describe("the documents", () => {
  for (const document of DOCUMENTS)
    it(`${document}: each link leads to a file and a heading that there are`, () => {
      const broken = linksOf(withoutCode(textOf(document))).filter((link) => !leads(document, link));
      assert.deepEqual(broken, []);
    });

  describe("commands", () => {
    let program: Command;
    before(async () => {
      program = await createProgram(() => true);
    });
    for (const document of DOCUMENTS)
      it(`${document}: each is one of the command line's, with options and arguments that it takes`, () => {
        const wrong = commandsOf(textOf(document)).flatMap((line) => problemsOf(program, line));
        assert.deepEqual(wrong, []);
      });
  });

  for (const document of DOCUMENTS)
    for (const { first, body } of filesOf(textOf(document)))
      it(`${document}: the file that begins "${first}" is one`, () => {
        readerOf(body)(body, document);
      });
});

function withoutCode(source: string): string {
  return withoutBlocks(source).replace(/`[^`\n]*`/g, "`code`");
}

function linksOf(source: string): string[] {
  return [...source.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link).filter((link) => !/^https?:/.test(link));
}

function leads(document: string, link: string): boolean {
  const [path, anchor] = link.split("#");
  const target = path === "" ? document : normalize(join(dirname(document), path));
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || headingsOf(textOf(target)).includes(anchor);
}

/** Anchors of the headings, as code hosts make them. */
function headingsOf(source: string): string[] {
  const anchors = [...withoutBlocks(source).matchAll(/^#+ +(.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
  return anchors.map((anchor, i) => {
    const before = anchors.slice(0, i).filter((other) => other === anchor).length;
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

/** Lines of shell and of examples that call the command, each from its name on, without what another program does. */
function commandsOf(source: string): string[] {
  const shown = fencedBlocks(source)
    .filter(({ language }) => ["", "sh", "text"].includes(language))
    .flatMap(({ body }) => body.split("\n"))
    // Lines that show a command's form are written from the code.
    .filter((line) => !line.includes("[options]"));
  const inline = [...withoutBlocks(source).matchAll(/`(foreshadow [^`]+)`/g)].map(([, line]) => line);
  return [...shown, ...inline].flatMap((line) => {
    const found = /^\s*(?:(?:sudo|npx)\s+)*foreshadow\s+(?=[a-z])(.*)$/.exec(line.replace(/\s+#\s.*$/, ""));
    return found === null ? [] : [found[1].replace(/\s*(\d?>|\||&|;|$).*$/, "")];
  });
}

/** Why a line would not be taken. */
function problemsOf(program: Command, line: string): string[] {
  const words = (line.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^["']|["']$/g, ""));
  let command = program;
  while (words.length > 0) {
    const next = command.commands.find((one) => one.name() === words[0]);
    if (next === undefined) break;
    command = next;
    words.shift();
  }
  if (command === program) return [`${line}: no such command`];
  const problems: string[] = [];
  let given = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === "…" || word === "...") continue;
    if (!word.startsWith("-")) {
      given++;
      continue;
    }
    const [flag, value] = word.split("=");
    const option = [...command.options, ...program.options].find((one) => one.long === flag || one.short === flag);
    if (option === undefined) {
      if (flag !== "--help") problems.push(`${line}: no option ${flag}`);
      continue;
    }
    const operand = option.required || option.optional ? (value ?? words[++i]) : undefined;
    if (option.required && operand === undefined) problems.push(`${line}: ${flag} wants a value`);
    if (option.argChoices !== undefined && operand !== undefined && !option.argChoices.includes(operand))
      if (!/^[A-Z]+$/.test(operand)) problems.push(`${line}: ${flag} ${operand}`);
    if (option.variadic) while (i + 1 < words.length && !words[i + 1].startsWith("-")) i++;
  }
  const { registeredArguments } = command;
  const variadic = registeredArguments.some((one) => one.variadic);
  if (!variadic && given > registeredArguments.length) problems.push(`${line}: ${given} arguments`);
  // A command that is spoken of, without what it takes.
  if (words.length > 0 && given < registeredArguments.filter((one) => one.required).length)
    problems.push(`${line}: an argument is missing`);
  if (command.commands.length > 0 && words.length > 0) problems.push(`${line}: no such subcommand`);
  return problems;
}

/** Whole files in YAML: those that say their version. */
function filesOf(source: string): { readonly first: string; readonly body: string }[] {
  return fencedBlocks(source)
    .filter(({ language, body }) => language === "yaml" && /^\s*version: 1$/m.test(body))
    .map(({ body }) => ({ first: body.split("\n")[0], body }));
}

function readerOf(body: string): (text: string, file: string) => unknown {
  const [first] = body.split("\n");
  if (/envelope\.yaml/.test(first) || /^ +until:/m.test(body)) return parseEnvelope;
  if (/^# capacity\//.test(first) || /^ +owns:/m.test(body)) return parseCapacity;
  if (/^faults:/m.test(body)) return parseFaults;
  if (/^(types|grids):/m.test(body)) return parseCatalogue;
  if (/^(performance|availability|scales|change|forecast|cost|limits):/m.test(body)) return parseConstraints;
  return parseProject;
}
