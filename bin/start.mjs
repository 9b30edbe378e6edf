// From a checkout the source runs as it is; what is published is compiled.
import { existsSync } from "node:fs";

const source = new URL("../cli/main.ts", import.meta.url);
await import((existsSync(source) ? source : new URL("../dist/cli/main.js", import.meta.url)).href);
