import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

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
  const script = bootScript(workload, token, endpoint, config.get("agentPackage") ?? "foreshadow");
  return { profile, userData: Buffer.from(script).toString("base64") };
}

function bootScript(workload: string, token: string, endpoint: string, agentPackage: string): string {
  for (const [what, value] of Object.entries({ agentToken: token, agentEndpoint: endpoint, agentPackage }))
    if (!/^[\w@:/.+=-]+$/.test(value))
      throw new Error(
        `foreshadow:${what}: expected letters, digits and any of @:/.+=_-, found ${JSON.stringify(value)}`,
      );
  return `#!/bin/sh
set -eu
dnf install -y nodejs24 || dnf install -y nodejs
npm install --global ${agentPackage}
install -d -m 700 /etc/foreshadow
umask 077
aws secretsmanager get-secret-value --secret-id ${token} --query SecretString --output text > /etc/foreshadow/token
cat > /etc/foreshadow/foreshadow.yaml <<'END'
version: 1
intake: { listen: "${endpoint}" }
workloads:
  - { name: ${workload}, select: { cgroup: /${workload} }, stack: { dir: ".", name: none }, constraints: none.yaml }
END
cat > /etc/systemd/system/foreshadow-agent.service <<'END'
[Service]
ExecStart=/usr/bin/env foreshadow agent --project /etc/foreshadow/foreshadow.yaml
Restart=always
[Install]
WantedBy=multi-user.target
END
systemctl enable --now foreshadow-agent
`;
}
