import { execFileSync, spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";

const PROGRAM = join(execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim(), "git-http-backend");

/** Answers a request by git's own server of smart HTTP (CGI), for the repositories below a directory. */
export function answerByGit(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url!, "http://git");
  const child = spawn(PROGRAM, {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
      REMOTE_USER: "somebody",
      REQUEST_METHOD: request.method,
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      CONTENT_LENGTH: request.headers["content-length"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: (request.headers["git-protocol"] as string | undefined) ?? "",
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  request.pipe(child.stdin);
  child.stdin.on("error", () => {});
  let head = Buffer.alloc(0);
  let headEnded = false;
  child.stdout.on("data", (chunk: Buffer) => {
    if (headEnded) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    headEnded = true;
    const lines = head.subarray(0, end).toString("latin1").split("\r\n");
    const headers = lines.map((line) => line.split(/:\s*(.*)/s) as [string, string]);
    const status = headers.find(([name]) => name.toLowerCase() === "status")?.[1];
    response.writeHead(
      Number.parseInt(status ?? "200", 10),
      Object.fromEntries(headers.filter(([name]) => name.toLowerCase() !== "status")),
    );
    response.write(head.subarray(end + 4));
  });
  child.stdout.on("end", () => response.end());
}
