import * as pulumi from "@pulumi/pulumi";

/** How a cloud's machine gets at what the agent needs. Texts of a shell script, run as root at the first boot. */
export interface Machine {
  /** Installs Node, with npm. */
  readonly installNode: string;
  /** Writes the agent's token to `TOKEN_FILE`. It must be in no argument of a process: those are for all to read. */
  readonly readToken: string;
  /** Where programs are found, where it is not where systemd looks. */
  readonly path?: string;
}

/** Of Canonical's Ubuntu images: programs come from snaps. */
export const UBUNTU: Pick<Machine, "installNode" | "path"> = {
  installNode: "snap install node --classic --channel=24",
  path: "/snap/bin:/usr/local/bin:/usr/bin:/bin",
};

/** Where the agent's token is kept on a machine. */
export const TOKEN_FILE = "/etc/foreshadow/token";

/**
 * The script that installs the agent on a machine at its boot and starts it. The token is not in it: the machine reads it then.
 *
 * @param endpoint `HOST:PORT` or `https://HOST:PORT`; nothing else: the token would be readable on the way
 * @param settings values that go into the script, by the setting that they come from; `agentPackage` is added
 * @throws Error that names a setting which a shell would not take as one word
 */
export function bootScript(
  workload: string,
  endpoint: string,
  settings: Readonly<Record<string, string>>,
  { installNode, readToken, path }: Machine,
): string {
  const agentPackage = new pulumi.Config().get("agentPackage") ?? "foreshadow";
  for (const [what, value] of Object.entries({ ...settings, agentEndpoint: endpoint, agentPackage }))
    if (!/^[\w@:/.+=-]+$/.test(value))
      throw new Error(
        `foreshadow:${what}: expected letters, digits and any of @:/.+=_-, found ${JSON.stringify(value)}`,
      );
  if (endpoint.includes("://") && !endpoint.startsWith("https://"))
    throw new Error(
      `foreshadow:agentEndpoint: expected HOST:PORT or https://HOST:PORT, found ${JSON.stringify(endpoint)}`,
    );
  return `#!/bin/sh
set -eu
${installNode}
npm install --global ${agentPackage}
install -d -m 700 /etc/foreshadow
umask 077
${readToken}
cat > /etc/foreshadow/foreshadow.yaml <<'END'
version: 1
agent:
  send:
    url: ${endpoint.includes("://") ? endpoint : `https://${endpoint}`}
    token: { file: ${TOKEN_FILE} }
    buffer: { directory: /var/lib/foreshadow-agent }
workloads:
  - { name: ${workload}, select: { cgroup: /${workload} }, stack: { dir: ".", name: none }, constraints: none.yaml }
END
cat > /etc/systemd/system/foreshadow-agent.service <<'END'
[Service]
${path === undefined ? "" : `Environment=PATH=${path}\n`}ExecStart=/usr/bin/env foreshadow agent --project /etc/foreshadow/foreshadow.yaml
StateDirectory=foreshadow-agent
StateDirectoryMode=0700
Restart=always
RestartSec=5
[Install]
WantedBy=multi-user.target
END
systemctl enable --now foreshadow-agent
`;
}
