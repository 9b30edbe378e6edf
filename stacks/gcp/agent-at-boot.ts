import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";

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
  return { account, script: bootScript(workload, token, endpoint, config.get("agentPackage") ?? "foreshadow") };
}

function bootScript(workload: string, token: string, endpoint: string, agentPackage: string): string {
  for (const [what, value] of Object.entries({ agentToken: token, agentEndpoint: endpoint, agentPackage }))
    if (!/^[\w@:/.+=-]+$/.test(value))
      throw new Error(
        `foreshadow:${what}: expected letters, digits and any of @:/.+=_-, found ${JSON.stringify(value)}`,
      );
  return `#!/bin/sh
set -eu
snap install node --classic --channel=24
npm install --global ${agentPackage}
install -d -m 700 /etc/foreshadow
umask 077
gcloud secrets versions access latest --secret=${token} > /etc/foreshadow/token
cat > /etc/foreshadow/foreshadow.yaml <<'END'
version: 1
intake: { listen: "${endpoint}" }
workloads:
  - { name: ${workload}, select: { cgroup: /${workload} }, stack: { dir: ".", name: none }, constraints: none.yaml }
END
cat > /etc/systemd/system/foreshadow-agent.service <<'END'
[Service]
Environment=PATH=/snap/bin:/usr/local/bin:/usr/bin:/bin
ExecStart=/usr/bin/env foreshadow agent --project /etc/foreshadow/foreshadow.yaml
Restart=always
[Install]
WantedBy=multi-user.target
END
systemctl enable --now foreshadow-agent
`;
}
