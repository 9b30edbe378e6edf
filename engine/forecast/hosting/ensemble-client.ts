import type { Forecast, ForecasterOptions } from "../forecast.port.ts";
import type { GlobalModel, GlobalModelSource } from "../lstm/global-model.port.ts";
import type { EnsembleAnswer, EnsembleRequest } from "./protocol.ts";
import type { Thread } from "./thread.ts";

/** Milliseconds without any answer after which the thread is ended and another begun. */
const PATIENCE = 120_000;
/** Milliseconds that the state is waited for at the end. */
const SAVE_WITHIN = 10_000;
/** Values that wait here before they are sent without being asked for. */
const BATCH = 2_000;

interface Member {
  readonly options: ForecasterOptions;
  /** Ticks that were put. */
  ticks: number;
  waiting: number[];
  answer: { readonly ticks: number; readonly forecast: Forecast } | undefined;
}

/** The ensembles as the engine's thread sees them: it hands values over and takes what comes, whenever that is. */
export class EnsembleClient {
  readonly #start: () => Thread<EnsembleRequest, EnsembleAnswer>;
  readonly #lost: (reason: string) => void;
  readonly #globalModel: GlobalModelSource | undefined;
  readonly #members = new Map<number, Member>();
  readonly #saving = new Map<number, (states: readonly (readonly [number, string])[]) => void>();
  #listeners: (() => void)[] = [];
  #thread: Thread<EnsembleRequest, EnsembleAnswer>;
  #lastId = 0;
  /** The global model that the thread has. */
  #told: GlobalModel | string | undefined;
  #heard = performance.now();

  /** @param lost called when the thread has ended and another was begun: its ensembles are gone */
  constructor(
    start: () => Thread<EnsembleRequest, EnsembleAnswer>,
    lost: (reason: string) => void,
    globalModel?: GlobalModelSource,
  ) {
    this.#start = start;
    this.#globalModel = globalModel;
    this.#lost = lost;
    this.#thread = this.#begin();
  }

  #begin(): Thread<EnsembleRequest, EnsembleAnswer> {
    const thread = this.#start();
    thread.onAnswer((answer) => this.#answered(answer));
    thread.onEnded((reason) => this.#restart(reason));
    return thread;
  }

  #restart(reason: string): void {
    this.#members.clear();
    for (const settle of this.#saving.values()) settle([]);
    this.#saving.clear();
    this.#heard = performance.now();
    this.#told = undefined;
    this.#thread = this.#begin();
    this.#lost(reason);
    this.#wake();
  }

  #answered(answer: EnsembleAnswer): void {
    this.#heard = performance.now();
    if (answer.kind === "saved") this.#saving.get(answer.id)?.(answer.states);
    else if (answer.kind === "refused") this.#members.delete(answer.member);
    else {
      const member = this.#members.get(answer.member);
      if (member !== undefined) member.answer = answer;
    }
    this.#wake();
  }

  #wake(): void {
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  get size(): number {
    return this.#members.size;
  }

  has(member: number): boolean {
    return this.#members.has(member);
  }

  /** @param state to go on from, after so many ticks */
  open(options: ForecasterOptions, state?: string, ticks = 0): number {
    const member = ++this.#lastId;
    const known: Member = { options, ticks, waiting: [], answer: undefined };
    this.#members.set(member, known);
    this.#thread.post({ kind: "open", member, options, ...(state === undefined ? {} : { state }) });
    // What goes on can be waited for from its first tick on.
    if (state !== undefined) this.#send(member, known, true);
    return member;
  }

  put(member: number, value: number): void {
    const known = this.#members.get(member);
    if (known === undefined) return;
    known.ticks++;
    known.waiting.push(value);
    if (known.waiting.length >= BATCH) this.#send(member, known, false);
  }

  #tellModel(): void {
    if (this.#globalModel === undefined) return;
    const { current, absence } = this.#globalModel;
    if (this.#told === (current ?? absence)) return;
    this.#told = current ?? absence;
    this.#thread.post({ kind: "model", current, absence });
  }

  #send(member: number, known: Member, answer: boolean): void {
    this.#tellModel();
    this.#thread.post({ kind: "feed", member, values: Float64Array.from(known.waiting), answer });
    known.waiting = [];
  }

  /** Weighs the models anew after what was put. */
  reweigh(member: number): void {
    const known = this.#members.get(member);
    if (known === undefined) return;
    if (known.waiting.length > 0) this.#send(member, known, false);
    this.#thread.post({ kind: "reweigh", member });
  }

  /** Sends what waits, and wants the forecast after it. */
  ask(member: number): void {
    const known = this.#members.get(member);
    if (known !== undefined && (known.waiting.length > 0 || known.answer === undefined))
      this.#send(member, known, true);
    this.#supervise();
  }

  /** The forecast after what was put last; `undefined` while it is not there. */
  read(member: number): Forecast | undefined {
    const known = this.#members.get(member);
    return known?.answer?.ticks === known?.ticks ? known?.answer?.forecast : undefined;
  }

  /** Ticks that its last answer is behind; infinite where it never answered. */
  behind(member: number): number {
    const known = this.#members.get(member);
    return known?.answer === undefined ? Number.POSITIVE_INFINITY : known.ticks - known.answer.ticks;
  }

  /** Resolves with the next answer of the thread, or after so many milliseconds. */
  async next(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#listeners.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  drop(member: number): void {
    if (this.#members.delete(member)) this.#thread.post({ kind: "drop", member });
  }

  /** Ends a thread that has said nothing for minutes although it was asked. */
  #supervise(): void {
    const waiting = [...this.#members.values()].some(({ ticks, answer }) => answer?.ticks !== ticks);
    if (!waiting) this.#heard = performance.now();
    if (performance.now() - this.#heard < PATIENCE) return;
    void this.#thread.end();
    this.#restart(`no answer for ${PATIENCE / 1000} s`);
  }

  /** The state of all members that have taken everything; none where the thread does not answer in time. */
  async save(): Promise<Map<number, string>> {
    for (const [member, known] of this.#members) if (known.waiting.length > 0) this.#send(member, known, false);
    if (this.#members.size === 0) return new Map();
    const id = ++this.#lastId;
    const states = await new Promise<readonly (readonly [number, string])[]>((resolve) => {
      this.#saving.set(id, resolve);
      setTimeout(() => resolve([]), SAVE_WITHIN).unref();
      this.#thread.post({ kind: "save", id });
    });
    this.#saving.delete(id);
    return new Map(states);
  }

  end(): Promise<void> {
    return this.#thread.end();
  }
}
