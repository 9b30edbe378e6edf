/** Bytes a second that current machine series send without a tier (Compute Engine, network bandwidth): 10 Gbit/s. */
const DEFAULT = 10e9 / 8;

/**
 * The tier of a machine's egress bandwidth.
 *
 * @param bandwidth bytes a second that are asked for
 * @param given bytes a second that the machine type sends by default, where it is more than 10 Gbit/s
 */
export function egressTier(bandwidth: number | undefined, given = DEFAULT): "DEFAULT" | "TIER_1" {
  return bandwidth !== undefined && bandwidth > given ? "TIER_1" : "DEFAULT";
}
