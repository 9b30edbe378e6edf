/** What a provider's type tells about what is at stake. `aws:ebs/volume:Volume`, `gcp:compute/disk:Disk`, `local:index:Volume`. */

/** What holds data. */
export function isStorage(type: string): boolean {
  return /volume|disk|storage|bucket|database|filesystem/i.test(type);
}

/** What carries a plan's steps: such resources come and go with the steps. */
export function isSchedule(type: string): boolean {
  return /schedule/i.test(type);
}

/** Descriptions that clouds replace rather than change; what runs moves to the new one by itself. */
export function isTemplate(type: string): boolean {
  return /template|launchconfiguration|taskdefinition/i.test(type);
}

/** Where a resource's inputs hold the count that a native autoscaler moves, by its type; `undefined` where they hold none. */
export function nativeCount(type: string): readonly string[] | undefined {
  if (/^azure-native:compute(\/v\d+)?:VirtualMachineScaleSet$/.test(type)) return ["sku", "capacity"];
  if (/^aws:autoscaling\/group:Group$/.test(type)) return ["desiredCapacity"];
  if (/^aws:ecs\/service:Service$/.test(type)) return ["desiredCount"];
  if (/^gcp:compute\/\w*[iI]nstanceGroupManager:\w+$/.test(type)) return ["targetSize"];
  return undefined;
}
