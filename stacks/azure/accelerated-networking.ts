/** Bytes a second from which on a machine's traffic goes past the host's virtual switch. Azure names no figure for it: this one is ours. */
const BY_SWITCH = 1e9 / 8;

/**
 * Greatest bandwidth in Mbit/s by vCPUs: "Max network bandwidth" in Azure's tables of the sizes of the Dsv5, Ddsv5, Esv5 and Edsv5 series.
 * Bandwidth is the size's: there is no setting for it.
 */
const BY_VCPUS: readonly (readonly [vcpus: number, megabits: number])[] = [
  [16, 12_500],
  [32, 16_000],
  [48, 24_000],
  [64, 30_000],
  [96, 35_000],
];
const IN_TABLE = /^Standard_[DE](\d+)d?s_v5$/;

/**
 * Whether machines get accelerated networking, the part of bandwidth that can be set: Azure gives each size a limit and this brings traffic up
 * to it.
 *
 * @param bandwidth bytes a second that each machine should have; without it, none
 * @param where begins the error
 * @throws Error when the size is one whose limit is known and is too small
 */
export function acceleratedNetworking(size: string, bandwidth: number | undefined, where: string): boolean {
  if (bandwidth === undefined) return false;
  const vcpus = Number(IN_TABLE.exec(size)?.[1] ?? Number.NaN);
  const most = BY_VCPUS.find(([count]) => vcpus <= count)?.[1];
  const megabits = (bandwidth * 8) / 1e6;
  if (most !== undefined && megabits > most)
    throw new Error(
      `${where}: expected at most ${most} Mbit/s, which is what a ${size} has, found ${megabits} Mbit/s; a larger size has more`,
    );
  return bandwidth >= BY_SWITCH;
}
