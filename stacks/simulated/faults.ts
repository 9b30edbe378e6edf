/** What a simulated cloud is told to do wrong. */
export interface Fault {
  readonly on: "create" | "read" | "update" | "delete" | "launch";
  /** Resource type, of a launch that of the machine; all types without it. */
  readonly type?: string;
  /** Of a launch: where there is none to be had; everywhere without it. */
  readonly zone?: string;
  /** Identifier of the group or resource; any without it. */
  readonly id?: string;
  /** `before`: refused, nothing changed. `after`: done, and the answer lost. */
  readonly when: "before" | "after";
  /** Code and message as the cloud words them. */
  readonly message: string;
  /** Occurrences left. */
  times: number;
}

/** Takes one occurrence of a fault that fits, where there is one. @param zone of a launch, where the cloud tells its zones apart */
export function takeFault(
  faults: Fault[],
  on: Fault["on"],
  when: Fault["when"],
  type: string,
  id: string,
  zone?: string,
): Fault | undefined {
  const found = faults.find(
    (fault) =>
      fault.on === on &&
      fault.when === when &&
      fault.times > 0 &&
      (fault.type === undefined || fault.type === type) &&
      (fault.id === undefined || fault.id === id) &&
      (fault.zone === undefined || fault.zone === zone),
  );
  if (found !== undefined) found.times -= 1;
  return found;
}
