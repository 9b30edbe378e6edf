/** Bytes of one message that are taken: a profile of ten seconds has some hundred thousand. */
const MOST_BYTES = 32 * 1024 * 1024;

interface Waiting {
  readonly resolve: (result: Record<string, unknown>) => void;
  readonly reject: (error: Error) => void;
}

/** A connection to a runtime's inspector (https://chromedevtools.github.io/devtools-protocol/v8/), over the built-in WebSocket. */
export class InspectorSession {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<string, () => void>();
  /** Settles when the connection has ended, whoever ended it. */
  readonly ended: Promise<void>;
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.ended = new Promise((resolve) => {
      socket.addEventListener("close", () => {
        for (const { reject } of this.#waiting.values()) reject(new Error("the inspector ended the connection"));
        this.#waiting.clear();
        resolve();
      });
    });
    socket.addEventListener("message", ({ data }) => this.#take(String(data)));
  }

  /** @param patience milliseconds @throws Error when nobody answers there */
  static open(url: string, patience: number): Promise<InspectorSession> {
    const socket = new WebSocket(url);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        socket.close();
        reject(new Error(`its inspector did not answer for ${patience / 1000} s`));
      }, patience);
      socket.addEventListener("open", () => {
        clearTimeout(timer);
        resolve(new InspectorSession(socket));
      });
      socket.addEventListener("error", () => {
        clearTimeout(timer);
        reject(new Error("its inspector took no connection"));
      });
    });
  }

  /** Calls `listener` at each event of the name. */
  on(event: string, listener: () => void): void {
    this.#listeners.set(event, listener);
  }

  /** Sends a command and waits for no answer. It is carried out after all that were sent before. */
  send(method: string, params: Readonly<Record<string, unknown>> = {}): number {
    const id = ++this.#lastId;
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ id, method, params }));
    return id;
  }

  /**
   * @param patience milliseconds
   * @throws Error with what the inspector said, when it said nothing, and when the connection ended before
   */
  call(method: string, params: Readonly<Record<string, unknown>>, patience: number): Promise<Record<string, unknown>> {
    if (this.#socket.readyState !== WebSocket.OPEN)
      return Promise.reject(new Error("the inspector ended the connection"));
    const id = this.send(method, params);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`its inspector did not answer ${method} for ${patience / 1000} s`));
      }, patience);
      this.#waiting.set(id, {
        resolve: (result) => {
          clearTimeout(timer);
          resolve(result);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  }

  #take(text: string): void {
    if (text.length > MOST_BYTES) {
      this.close();
      return;
    }
    const { id, method, result, error } = JSON.parse(text) as {
      id?: number;
      method?: string;
      result?: Record<string, unknown>;
      error?: { message?: string };
    };
    if (method !== undefined) this.#listeners.get(method)?.();
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (id === undefined || waiting === undefined) return;
    this.#waiting.delete(id);
    if (error === undefined) waiting.resolve(result ?? {});
    else waiting.reject(new Error(`its inspector refused: ${error.message ?? "no reason given"}`));
  }

  close(): void {
    this.#socket.close();
  }
}
