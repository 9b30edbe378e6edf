import { InputError } from "../model/input-error.ts";
import { claimDemo } from "./claim.ts";
import { parseOptions, USAGE } from "./options.ts";
import { play } from "./play.ts";
import { Screen } from "./screen.ts";
import { RUN_DIRECTORY, WORKSPACE } from "./settings.ts";
import type { Summary } from "./summary.ts";
import { summaryLines } from "./summary.ts";
import { clearFormerDemo, tearDown } from "./teardown.ts";

process.exitCode = await main();

async function main(): Promise<number> {
  const options = parse();
  if (typeof options === "number") return options;
  const screen = new Screen(options.json);
  const say = (text: string) => screen.line(text);
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      if (!interrupted.signal.aborted) say(`${signal}: taking everything down …`);
      interrupted.abort();
    });

  let release: () => void;
  try {
    release = claimDemo();
  } catch (error) {
    process.stderr.write(`foreshadow: ${(error as Error).message}\n`);
    return 1;
  }
  let result: Omit<Summary, "leftovers"> | undefined;
  let failure: unknown;
  let kept = false;
  try {
    const former = await clearFormerDemo();
    if (former.length > 0) say(`removed what a former demo left: ${former.length} things, ${former[0]} …`);
    result = await play(options, screen, interrupted.signal);
    kept = options.keep && !interrupted.signal.aborted;
  } catch (error) {
    if (!interrupted.signal.aborted) failure = error;
  }
  let leftovers: string[] = [];
  if (kept)
    say(`left running: ${WORKSPACE}, workers in ${RUN_DIRECTORY}. \`npm run demo\` removes it before it begins again.`);
  else {
    leftovers = await tearDown(say);
    say(
      leftovers.length === 0
        ? "everything is taken down, nothing is left on this host"
        : `LEFT BEHIND: ${leftovers.join(", ")}`,
    );
  }
  release();
  if (failure !== undefined) process.stderr.write(`foreshadow: the demo failed: ${(failure as Error).message}\n`);
  if (failure !== undefined && process.env.FORESHADOW_DEBUG) process.stderr.write(`${(failure as Error).stack}\n`);
  if (result === undefined) return interrupted.signal.aborted ? 130 : 1;
  const summary: Summary = { ...result, leftovers };
  process.stdout.write(options.json ? `${JSON.stringify(summary)}\n` : `\n${summaryLines(summary).join("\n")}\n`);
  return summary.worldRestored && summary.ledger.valid && leftovers.length === 0 ? 0 : 1;
}

function parse(): Exclude<ReturnType<typeof parseOptions>, "help"> | number {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options !== "help") return options;
    process.stdout.write(`${USAGE}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`foreshadow: ${(error as Error).message}\n`);
    return error instanceof InputError ? 2 : 1;
  }
}
