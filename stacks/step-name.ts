/** The name of a plan's step, by which its resource stays the same one from one plan to the next: `web-at-20261124t0800z`. */
export function stepName(workload: string, at: number): string {
  const stamp = new Date(at * 1000).toISOString().replace(/[-:]/g, "").slice(0, 15);
  return `${workload}-at-${stamp.toLowerCase()}z`;
}
