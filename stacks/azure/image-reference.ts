/**
 * The image that machines are made from, by all its parts: a new image is somebody's decision, not the side effect of a change of capacity.
 *
 * @throws Error when a part is missing or the version is not one
 */
export function imageReference(text: string) {
  const [publisher, offer, sku, version, ...rest] = text.split(":");
  if (!publisher || !offer || !sku || !version || rest.length > 0 || version === "latest")
    throw new Error(
      `foreshadow:image: expected PUBLISHER:OFFER:SKU:VERSION with a version of its own, found ${JSON.stringify(text)}; \`az vm image list --publisher Canonical --offer ubuntu-24_04-lts --sku server --all\` names those of Ubuntu`,
    );
  return { publisher, offer, sku, version };
}
