/**
 * Network namespaces that more than one workload lives in: whose traffic it is cannot be told there.
 *
 * @param host the host's own, which is nobody's anyway
 */
export function sharedNamespaces(
  namespaces: readonly ReadonlySet<string>[],
  host: string | undefined,
): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const own of namespaces)
    for (const namespace of own) {
      if (seen.has(namespace) && namespace !== host) shared.add(namespace);
      seen.add(namespace);
    }
  return shared;
}
