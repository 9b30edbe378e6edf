/** Names the file of a simulated cloud to its providers. */
export const WORLD_VARIABLE = "FORESHADOW_SIMULATED_WORLD";
/** The time that it is in a simulated cloud, epoch seconds; the machine's own without it. */
export const CLOCK_VARIABLE = "FORESHADOW_SIMULATED_NOW";

/**
 * The time that programs and providers go by, epoch seconds. In a rehearsal it may be another than the machine's; where no simulated cloud is
 * named it never is.
 */
export function now(environment: NodeJS.ProcessEnv = process.env): number {
  const told = Number(environment[CLOCK_VARIABLE]);
  return environment[WORLD_VARIABLE] && told > 0 ? told : Date.now() / 1000;
}
