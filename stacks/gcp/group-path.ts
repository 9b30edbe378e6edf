import { sizerByName } from "../../model/other-sizer.ts";

/** `projects/P/regions/R/instanceGroupManagers/NAME`, with or without the API's address before it. */
const REGIONAL =
  /^(?:https:\/\/[^/]+\/compute\/v1\/)?(projects\/[^/]+\/regions\/([^/]+)\/instanceGroupManagers\/([^/]+))$/;
const NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * The path of a regional managed instance group that is named by its path, its address or its name alone.
 *
 * @param place where a name alone is looked for
 * @throws Error when it is none, lies in a zone or another region, or is a node pool of a cluster
 */
export function groupPath(group: string, place: { readonly project: string; readonly region: string }): string {
  const [, path, region, name] = REGIONAL.exec(group) ?? [];
  if (path === undefined && !NAME.test(group))
    throw new Error(
      `foreshadow:group: expected the name of a regional managed instance group, or projects/PROJECT/regions/REGION/instanceGroupManagers/NAME, found ${group}`,
    );
  if (region !== undefined && region !== place.region)
    throw new Error(`foreshadow:group: expected a group in gcp:region ${place.region}, found one in ${region}`);
  const sizer = sizerByName(name ?? group);
  if (sizer !== undefined)
    throw new Error(`foreshadow:group: ${group} is not scaled here: ${sizer}; name another group`);
  return path ?? `projects/${place.project}/regions/${place.region}/instanceGroupManagers/${group}`;
}
