import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { REFERENCE, referencePages } from "./reference/pages.ts";

// `npm run reference`: writes docs/reference/ from the schemas, the command line and the API.
mkdirSync(REFERENCE, { recursive: true });
for (const [name, text] of await referencePages()) writeFileSync(join(REFERENCE, name), text);
