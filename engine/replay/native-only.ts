import { advanceGroup, type ScaledGroup } from "../../stacks/simulated/scaled-group.ts";
import type { World } from "../../stacks/simulated/world.ts";

/** The same group left to the cloud's own autoscaler, with all its machines in service at the beginning. */
export function aloneIn({ groups, load, rules, now }: World, id: string) {
  const begun = groups[id].instances.map((one) => ({ ...one, inServiceAt: now }));
  const group: ScaledGroup = { ...structuredClone(groups[id]), schedules: [], instances: begun };
  let [at, launched] = [now, 0];
  return {
    group,
    advance(to: number): void {
      const around = { launch: () => ({ id: `alone-${++launched}` }), tell: () => {} };
      advanceGroup(group, at, to, load[id], rules, around);
      at = to;
    },
  };
}
