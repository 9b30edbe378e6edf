import { parentPort } from "node:worker_threads";
import { answerTo, type ParseRequest } from "./threaded-capacity-parser.ts";

/** Reads capacity files, one after the other. */
const port = parentPort!;
port.on("message", (request: ParseRequest) => port.postMessage(answerTo(request)));
