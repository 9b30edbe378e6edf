/**
 * Watches the turns of the event loop: the longest stretch of this thread's processor time from one to the next. On a machine that is
 * shared, the clock would tell of the others.
 */
export function watchTurns(): { end(): Promise<number> } {
  const own = () => {
    const { user, system } = (process.threadCpuUsage ?? process.cpuUsage)();
    return (user + system) / 1000;
  };
  let [last, longest, watching] = [own(), 0, true];
  const turn = () => {
    const now = own();
    longest = Math.max(longest, now - last);
    last = now;
    if (watching) setImmediate(turn);
  };
  setImmediate(turn);
  return {
    end: () =>
      new Promise((resolve) => {
        watching = false;
        setImmediate(() => resolve(longest));
      }),
  };
}
