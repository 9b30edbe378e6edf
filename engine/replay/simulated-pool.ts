/**
 * The simulated infrastructure: replicas that take `delay` ticks to start and none to stop. What is asked for at the end of tick t is
 * paid from tick t + 1 and first serves in tick t + 1 + delay. A release takes those still starting first, the youngest before the older.
 */
export class SimulatedPool {
  readonly delay: number;
  ready: number;
  /** Starts under way, oldest first: how many, and the tick in which they first serve. */
  private starting: { replicas: number; serves: number }[] = [];

  constructor(initial: number, delay: number) {
    this.ready = initial;
    this.delay = delay;
  }

  /** What starts has come by the beginning of a tick. */
  beginTick(tick: number): void {
    while (this.starting.length > 0 && this.starting[0].serves <= tick) this.ready += this.starting.shift()!.replicas;
  }

  get pending(): number {
    let sum = 0;
    for (const { replicas } of this.starting) sum += replicas;
    return sum;
  }

  /** Starts under way with the tick at whose end they were asked for. */
  underWay(): { replicas: number; askedIn: number }[] {
    return this.starting.map(({ replicas, serves }) => ({ replicas, askedIn: serves - 1 - this.delay }));
  }

  /** Asks for a number of replicas at the end of a tick. */
  ask(target: number, tick: number): void {
    let surplus = this.ready + this.pending - target;
    if (surplus < 0) this.starting.push({ replicas: -surplus, serves: tick + 1 + this.delay });
    while (surplus > 0 && this.starting.length > 0) {
      const youngest = this.starting[this.starting.length - 1];
      const taken = Math.min(surplus, youngest.replicas);
      surplus -= taken;
      youngest.replicas -= taken;
      if (youngest.replicas === 0) this.starting.pop();
    }
    if (surplus > 0) this.ready -= surplus;
  }
}
