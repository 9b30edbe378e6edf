import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import { bootScript, TOKEN_FILE, UBUNTU } from "../boot-script.ts";

/**
 * What a machine needs to run the agent from its boot on: a service account that may read one secret, the token, and a script that installs the
 * agent and starts it. The token itself is in neither template nor state: the machine reads it at boot.
 *
 * Configuration: `agentToken`, the secret (`projects/PROJECT/secrets/NAME`); `agentEndpoint`, where the agent reports to. Without them no agent is
 * installed.
 */
export function agentAtBoot(workload: string): { account: pulumi.Output<string>; script: string | undefined } {
  const config = new pulumi.Config();
  const [token, endpoint] = [config.get("agentToken"), config.get("agentEndpoint")];
  const { email: account } = new gcp.serviceaccount.Account(`${workload}-machine`, {
    accountId: `${workload}-machine`,
    displayName: `Machines of ${workload}`,
  });
  if (token !== undefined)
    new gcp.secretmanager.SecretIamMember(`${workload}-agent-token`, {
      secretId: token,
      role: "roles/secretmanager.secretAccessor",
      member: pulumi.interpolate`serviceAccount:${account}`,
    });
  if (token === undefined || endpoint === undefined) return { account, script: undefined };
  const script = bootScript(
    workload,
    endpoint,
    { agentToken: token },
    {
      ...UBUNTU,
      readToken: `gcloud secrets versions access latest --secret=${token} > ${TOKEN_FILE}`,
    },
  );
  return { account, script };
}
