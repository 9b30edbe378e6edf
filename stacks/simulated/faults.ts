/** What a simulated cloud is told to do wrong. */
export interface Fault {
  readonly on: "create" | "read" | "update" | "delete" | "launch";
  /** Resource type; all types without it. */
  readonly type?: string;
  /** Identifier of the group or resource; any without it. */
  readonly id?: string;
  /** `before`: refused, nothing changed. `after`: done, and the answer lost. */
  readonly when: "before" | "after";
  /** Code and message as the cloud words them. */
  readonly message: string;
  /** Occurrences left. */
  times: number;
}

/** Takes one occurrence of a fault that fits, where there is one. */
export function takeFault(
  faults: Fault[],
  on: Fault["on"],
  when: Fault["when"],
  type: string,
  id: string,
): Fault | undefined {
  const found = faults.find(
    (fault) =>
      fault.on === on &&
      fault.when === when &&
      fault.times > 0 &&
      (fault.type === undefined || fault.type === type) &&
      (fault.id === undefined || fault.id === id),
  );
  if (found !== undefined) found.times -= 1;
  return found;
}
