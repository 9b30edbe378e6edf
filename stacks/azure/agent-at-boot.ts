import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment.js";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import * as pulumi from "@pulumi/pulumi";
import { bootScript, TOKEN_FILE, UBUNTU } from "../boot-script.ts";
import type { Place } from "./network.ts";

/** The built-in role that may read secrets' values and nothing else: Key Vault Secrets User. */
const SECRETS_USER = "4633458b-17de-408a-874b-0445c86b69e6";
const SECRET =
  /^(\/subscriptions\/[^/]+)\/resourceGroups\/[^/]+\/providers\/Microsoft\.KeyVault\/vaults\/([\w-]+)\/secrets\/([\w-]+)$/i;

/**
 * What a machine needs to run the agent from its boot on: an identity that may read one secret, the token, and a script that installs the agent
 * and starts it. The token itself is in neither model nor state: the machine reads it at boot.
 *
 * Configuration: `agentToken`, the resource identifier of the secret in a key vault; `agentEndpoint`, where the agent reports to. Without
 * them no agent is installed.
 */
export function agentAtBoot(
  workload: string,
  place: Place,
): { identity: pulumi.Output<string>; customData: string | undefined } {
  const config = new pulumi.Config();
  const [token, endpoint] = [config.get("agentToken"), config.get("agentEndpoint")];
  const identity = new UserAssignedIdentity(`${workload}-machine`, place);
  if (token === undefined || endpoint === undefined) return { identity: identity.id, customData: undefined };
  const [, subscription, vault, secret] = SECRET.exec(token) ?? [];
  if (subscription === undefined)
    throw new Error(
      `foreshadow:agentToken: expected /subscriptions/…/providers/Microsoft.KeyVault/vaults/VAULT/secrets/SECRET, found ${JSON.stringify(token)}; \`az keyvault show\` tells the first part`,
    );
  new RoleAssignment(`${workload}-agent-token`, {
    principalId: identity.principalId,
    principalType: "ServicePrincipal",
    roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${SECRETS_USER}`,
    scope: token,
  });
  const script = bootScript(workload, endpoint, {}, { ...UBUNTU, readToken: readToken(vault, secret) });
  return { identity: identity.id, customData: Buffer.from(script).toString("base64") };
}

/** By the machine's identity, from the vault's own interface. */
function readToken(vault: string, secret: string): string {
  return `node --input-type=module > ${TOKEN_FILE} <<'END'
const read = async (url, headers) => {
  const response = await fetch(url, { headers });
  if (!response.ok) throw new Error(url + ": expected an answer, found status " + response.status);
  return response.json();
};
const identity = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net";
const { access_token } = await read(identity, { Metadata: "true" });
const secret = "https://${vault}.vault.azure.net/secrets/${secret}?api-version=7.4";
console.log((await read(secret, { Authorization: "Bearer " + access_token })).value);
END`;
}
