/** vCPUs of a size of most families (EC2 User Guide, general-purpose instances): `large` has 2, each `xlarge` 4. */
const SIZES: Record<string, number> = { nano: 2, micro: 2, small: 2, medium: 1, large: 2, xlarge: 4 };

/** @throws Error when the type is not of the form FAMILY.SIZE */
export function vcpus(instanceType: string): number {
  const size = instanceType.split(".")[1] ?? "";
  const multiple = /^(\d+)xlarge$/.exec(size);
  const count = multiple ? Number(multiple[1]) * SIZES.xlarge : SIZES[size];
  if (count === undefined || !/^[a-z][a-z0-9-]*\./.test(instanceType))
    throw new Error(`InvalidParameterValue: Invalid value '${instanceType}' for InstanceType`);
  return count;
}
