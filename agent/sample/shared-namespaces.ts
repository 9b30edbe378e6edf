/** Network namespaces that more than one workload lives in: whose traffic it is cannot be told there. */
export function sharedNamespaces(namespaces: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const own of namespaces)
    for (const namespace of own) {
      if (seen.has(namespace)) shared.add(namespace);
      seen.add(namespace);
    }
  return shared;
}
