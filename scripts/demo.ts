import { join } from "node:path";
import { prepare, ROOT } from "./environment.ts";
import { runChild } from "./run-child.ts";

// `npm run demo`: set up what is missing, then run the demo.
const env = await prepare();
process.exit(await runChild(process.execPath, [join(ROOT, "demo", "main.ts"), ...process.argv.slice(2)], env, ROOT));
