import { setTimeout as sleep } from "node:timers/promises";
import { catchesSignal } from "../kernel/caught-signals.ts";
import { InspectorSession } from "./inspector-session.ts";
import { isTaken, type LoopbackPort, loopbackPorts } from "./loopback-ports.ts";
import { nodeProfile, type V8Profile } from "./node-profile.ts";
import type { Profile } from "./profile.ts";
import type { Profiler, Target } from "./profiler.port.ts";
import { cpuTicks } from "./target-process.ts";

/** The signal at which Node opens its inspector (https://nodejs.org/api/process.html#signal-events). */
const SIGUSR1 = 10;
/** Where it opens it unless the process was started with another. */
const INSPECTOR_PORT = 9229;
const SAMPLING_MICROSECONDS = 10_000;
/** Milliseconds. */
const OPENING = 2000;
const ANSWER = 3000;
const CLOSING = 3000;
const LOOK_EVERY = 50;
const LATE_LOOK_EVERY = 250;
/** Seconds after the window at which a process whose profiler has gone closes its inspector by itself. */
const GRACE_SECONDS = 5;

/** Functions of Node that are not of its public interface have been there since 8; the module is got for what comes after. */
const END = '(process._debugEnd ?? process.getBuiltinModule("node:inspector").close)()';
const TIMER = 'globalThis[Symbol.for("foreshadow.profile")]';

/**
 * Profiles the main thread of Node programs by their inspector, at 10 ms a sample. Only one that has a handler for SIGUSR1 is sent it:
 * another would die of it. The inspector lets any process of the host run code in the program for as long as it is open, so it is
 * closed again after the window; and by the program itself should the agent be no more. One that was open before is used and left open.
 */
export const nodeProfiler: Profiler = {
  async profile(target, seconds, signal) {
    const { port, opened } = await openInspector(target);
    const deadline = (seconds + GRACE_SECONDS) * 1000;
    let session: InspectorSession | undefined;
    try {
      session = await InspectorSession.open(await socketAddress(port), ANSWER);
      if (opened) await session.call("Runtime.evaluate", { expression: endAfter(deadline) }, ANSWER);
      return await take(session, seconds, signal);
    } finally {
      if (opened) await closeInspector(target, port, session);
      else session?.close();
    }
  },
};

/** @returns the inspector's port, and whether it was opened for us */
async function openInspector(target: Target): Promise<{ port: LoopbackPort; opened: boolean }> {
  const { procRoot, pid } = target;
  const before = new Map(loopbackPorts(procRoot, pid).map((port) => [port.port, port]));
  const open = before.get(INSPECTOR_PORT);
  if (open !== undefined) return { port: open, opened: false };
  if (isTaken(procRoot, INSPECTOR_PORT))
    throw new Error(`port ${INSPECTOR_PORT}, where its inspector would open, is another process's`);
  // The last look before the signal: a pid may have become another process's meanwhile.
  if (!catchesSignal(procRoot, pid, SIGUSR1)) throw new Error("it has no handler for SIGUSR1 and would die of it");
  cpuTicks(target);
  process.kill(pid, "SIGUSR1");
  for (let waited = 0; waited < OPENING; waited += LOOK_EVERY) {
    await sleep(LOOK_EVERY);
    const port = newPort(target, before);
    if (port !== undefined) return { port, opened: true };
  }
  void closeWhenOpen(target, before);
  throw new Error(`it opened no inspector within ${OPENING / 1000} s of SIGUSR1; one that opens later is closed`);
}

function newPort({ procRoot, pid }: Target, before: ReadonlyMap<number, unknown>): LoopbackPort | undefined {
  return loopbackPorts(procRoot, pid).find(({ port }) => !before.has(port));
}

/** A program that is in a long call of the system's opens its inspector when it comes back. */
async function closeWhenOpen(target: Target, before: ReadonlyMap<number, unknown>): Promise<void> {
  try {
    for (;;) {
      await sleep(LATE_LOOK_EVERY, undefined, { ref: false });
      cpuTicks(target);
      const port = newPort(target, before);
      if (port !== undefined) return await closeInspector(target, port, undefined);
    }
  } catch {
    // It is no more, or what opened is another port of its own.
  }
}

async function socketAddress({ host, port }: LoopbackPort): Promise<string> {
  const answer = await fetch(`http://${host}:${port}/json/list`, { signal: AbortSignal.timeout(ANSWER) });
  const targets = (await answer.json()) as { id?: unknown; type?: unknown }[];
  const id = targets.find(({ type }) => type === "node")?.id;
  if (typeof id !== "string" || !/^[\w-]+$/.test(id)) throw new Error(`port ${port} is not Node's inspector`);
  return `ws://${host}:${port}/${id}`;
}

async function take(session: InspectorSession, seconds: number, signal: AbortSignal): Promise<Profile> {
  // Without this a program that ends in the window would wait for us before it does.
  session.on("NodeRuntime.waitingForDisconnect", () => session.close());
  await session.call("NodeRuntime.notifyWhenWaitingForDisconnect", { enabled: true }, ANSWER);
  await session.call("Profiler.enable", {}, ANSWER);
  await session.call("Profiler.setSamplingInterval", { interval: SAMPLING_MICROSECONDS }, ANSWER);
  await session.call("Profiler.start", {}, ANSWER);
  const at = Date.now() / 1000;
  const timer = new AbortController();
  try {
    const window = sleep(seconds * 1000, true, { signal: AbortSignal.any([signal, timer.signal]) });
    if (!(await Promise.race([window, session.ended]))) throw new Error("it ended while it was profiled");
  } finally {
    timer.abort();
  }
  const { profile } = await session.call("Profiler.stop", {}, ANSWER);
  return nodeProfile(profile as V8Profile, at);
}

/** Code by which a program closes its inspector after so many milliseconds, if we have not. */
function endAfter(milliseconds: number): string {
  return `${TIMER} = setTimeout(() => { delete ${TIMER}; ${END} }, ${milliseconds}), ${TIMER}.unref(), true`;
}

/** Also of a program that answers nothing: what was sent is carried out when it is back, in the order in which it was sent. */
async function closeInspector(
  target: Target,
  port: LoopbackPort,
  session: InspectorSession | undefined,
): Promise<void> {
  const { procRoot, pid } = target;
  let last = session;
  try {
    // The connection may have failed and the inspector be open all the same.
    last ??= await InspectorSession.open(await socketAddress(port), ANSWER);
    last.send("Runtime.evaluate", { expression: `clearTimeout(${TIMER}), delete ${TIMER}, ${END}` });
    await Promise.race([last.ended, sleep(CLOSING, undefined, { ref: false })]);
  } catch {
    // Whether it is closed is looked at below.
  } finally {
    last?.close();
  }
  for (let waited = 0; waited < CLOSING; waited += LOOK_EVERY) {
    if (!isOpen(target, port)) return;
    await sleep(LOOK_EVERY);
  }
  if (isOpen(target, port))
    throw new Error(
      `its inspector on port ${port.port} is open still: process ${pid} below ${procRoot} closes it when it answers again`,
    );
}

function isOpen(target: Target, { port }: LoopbackPort): boolean {
  try {
    cpuTicks(target);
    return loopbackPorts(target.procRoot, target.pid).some((one) => one.port === port);
  } catch {
    // It is no more.
    return false;
  }
}
