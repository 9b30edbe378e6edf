import { applyAll, removeAll } from "./resources.ts";

/** A process that does what a provider plugin does, to be killed: `node operate.ts apply|remove RESOURCES-AS-JSON`. */
const [, , operation, text] = process.argv;
const all = JSON.parse(text);
if (operation === "remove") await removeAll(all);
else console.log(JSON.stringify(await applyAll(all)));
