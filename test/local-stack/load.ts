import { Agent, request } from "node:http";

const PAUSE_MILLISECONDS = 5;

export interface LoadResult {
  readonly answered: number;
  /** What each failed request failed with. */
  readonly failures: readonly string[];
}

/**
 * Sends requests, as many at a time as `clients`, until the returned function is called. No request is tried again: whatever
 * fails is counted. Fresh connections meet a listener that closes, kept ones a worker that ends: both have to be tried.
 */
export function startLoad(url: string, clients: number, connections: "kept" | "fresh"): () => Promise<LoadResult> {
  const agent = new Agent({ keepAlive: connections === "kept", maxSockets: clients });
  const failures: string[] = [];
  let answered = 0;
  let stopping = false;
  const client = async () => {
    while (!stopping) {
      const failure = await send(agent, url);
      if (failure === undefined) answered++;
      else failures.push(failure);
      await new Promise((done) => setTimeout(done, PAUSE_MILLISECONDS));
    }
  };
  const running = Array.from({ length: clients }, client);
  return async () => {
    stopping = true;
    await Promise.all(running);
    agent.destroy();
    return { answered, failures };
  };
}

function send(agent: Agent, url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const sent = request(url, { agent, timeout: 20_000 }, (response) => {
      response.on("error", (error) => resolve(`answer: ${error.message}`));
      response.on("end", () => resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}`));
      response.resume();
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer within 20 s")));
    sent.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    sent.end();
  });
}
