import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { bootScript, TOKEN_FILE } from "../boot-script.ts";

/**
 * What a machine needs to run the agent from its boot on: a role that may read one secret, the token, and a script that installs the agent and
 * starts it. The token itself is in neither template nor state: the machine reads it at boot.
 *
 * Configuration: `agentToken`, the ARN of the secret; `agentEndpoint`, where the agent reports to. Without them no agent is installed.
 */
export function agentAtBoot(workload: string): { profile: pulumi.Output<string>; userData: string | undefined } {
  const config = new pulumi.Config();
  const [token, endpoint] = [config.get("agentToken"), config.get("agentEndpoint")];
  const role = new aws.iam.Role(`${workload}-machine`, {
    assumeRolePolicy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
    }),
  });
  if (token !== undefined)
    new aws.iam.RolePolicy(`${workload}-agent-token`, {
      role: role.id,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: token }],
      }),
    });
  const { arn: profile } = new aws.iam.InstanceProfile(`${workload}-machine`, { role: role.name });
  if (token === undefined || endpoint === undefined) return { profile, userData: undefined };
  const script = bootScript(
    workload,
    endpoint,
    { agentToken: token },
    {
      installNode: "dnf install -y nodejs24 || dnf install -y nodejs",
      readToken: `aws secretsmanager get-secret-value --secret-id ${token} --query SecretString --output text > ${TOKEN_FILE}`,
    },
  );
  return { profile, userData: Buffer.from(script).toString("base64") };
}
