#!/usr/bin/env node
// The command `foreshadow`. It must parse on any Node, to say a sentence where a stack trace would come.
"use strict";
var version = process.versions.node.split(".").map(Number);
if (version[0] < 22 || (version[0] === 22 && version[1] < 13)) {
  console.error(
    "foreshadow: Node " +
      process.versions.node +
      " is too old. Expected Node 22.13 or newer; install it, or run `npm ci` in a checkout, which brings one.",
  );
  process.exit(1);
}
import("./start.mjs");
