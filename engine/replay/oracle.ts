/**
 * Replica-ticks of the cheapest way to have at least `need` ready in each tick under perfect foresight, when a replica that is
 * started costs from launch and serves `delay` ticks later and release is immediate. Exact, in linear time.
 *
 * A k-th replica is needed in the ticks whose need is at least k. Across a gap of g such ticks it is cheaper to keep it when g is less
 * than the delay, and to start it anew otherwise: min(g, delay) ticks; before its first tick min(first, delay). The gaps of all k at once are
 * the pairs of ticks with only smaller needs between them, which a stack of falling needs visits.
 */
export function minimumCost(need: ArrayLike<number>, delay: number): number {
  let cost = 0;
  let highest = 0;
  const stack: { need: number; tick: number }[] = [];
  for (let tick = 0; tick < need.length; tick++) {
    const now = need[tick];
    cost += now;
    if (now > highest) {
      cost += (now - highest) * Math.min(delay, tick);
      highest = now;
    }
    // Levels from what is popped up to `now` were last needed at the tick beneath.
    let below = 0;
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const reached = Math.min(top.need, now);
      if (reached > below) cost += (reached - below) * Math.min(tick - top.tick - 1, delay);
      below = Math.max(below, reached);
      if (top.need > now) break;
      stack.pop();
    }
    stack.push({ need: now, tick });
  }
  return cost;
}
