import { azureError } from "./azure-error.ts";

/** vCPUs of a size, which its name tells (Azure, virtual machine sizes naming conventions): `Standard_D4s_v5` has 4. */
export function vcpus(size: string): number {
  const count = Number(/^(?:Standard|Basic)_[A-Z]+(\d+)(?:-\d+)?[a-z]*(?:_v\d+)?$/.exec(size)?.[1] ?? Number.NaN);
  if (!(count >= 1)) throw azureError("InvalidParameter", `The value ${size} provided for the VM size is not valid.`);
  return count;
}
