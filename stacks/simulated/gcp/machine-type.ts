import { invalid } from "./gcp-error.ts";

const SHARED: Record<string, number> = { micro: 2, small: 2, medium: 2 };

/**
 * vCPUs of a machine type (Compute Engine, machine families): `c4-standard-8`, `e2-medium`, `n2-custom-4-16384`.
 *
 * @throws Error in the cloud's words for another form
 */
export function vcpus(machineType: string): number {
  const { kind, count } = /^(?:[a-z]\w*-)?(?<kind>[a-z]+)(?:-(?<count>\d+)(?:-\w+)*)?$/.exec(machineType)?.groups ?? {};
  const found = count === undefined ? SHARED[kind ?? ""] : Number(count);
  if (found === undefined || found === 0)
    throw invalid("resource.properties.machineType", `'${machineType}'. The machine type does not exist.`);
  return found;
}
