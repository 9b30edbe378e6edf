import { plain } from "../plain.ts";
import type { ResourceRules } from "../resource-rules.port.ts";
import { arn } from "./aws-error.ts";

/** Least units that can be reserved (Elastic Load Balancing, capacity reservations of application load balancers). */
const LEAST_UNITS = 100;

/** `aws:lb/loadBalancer:LoadBalancer` with its pre-warmed capacity. */
export const loadBalancer: ResourceRules = {
  ...plain("lb", {
    replaces: ["name", "namePrefix", "internal", "loadBalancerType"],
    outputs: (id) => ({
      arn: arn("elasticloadbalancing", `loadbalancer/app/${id}`),
      arnSuffix: `app/${id}`,
      dnsName: `${id}.simulated.invalid`,
    }),
  }),

  check({ minimumLoadBalancerCapacity }) {
    const units = (minimumLoadBalancerCapacity as { capacityUnits?: number } | undefined)?.capacityUnits;
    return units !== undefined && !(Number.isInteger(units) && units >= LEAST_UNITS)
      ? [{ property: "minimumLoadBalancerCapacity", reason: `expected at least ${LEAST_UNITS} units, found ${units}` }]
      : [];
  },
};
