// The first thing that runs in a fresh checkout. It must parse on any Node, to say a sentence where a stack trace would come.
//
//   node scripts/launch.cjs SCRIPT [ARGUMENT…]      runs scripts/SCRIPT.ts
"use strict";
var major = Number(process.versions.node.split(".")[0]);
if (major < 18) {
  console.error(
    "foreshadow: Node " +
      process.versions.node +
      " is too old to set the project up. Install Node 18 or newer, then run the command again.",
  );
  process.exit(1);
}
import("./install.mjs");
