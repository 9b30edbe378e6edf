import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { InputError } from "../../model/input-error.ts";
import type { Cloud } from "../../stacks/simulated/rehearsal.ts";

/** Where on a user's account a sandbox is. Credentials stay where they are: the provider finds them itself. */
export interface Account {
  readonly region: string;
  readonly project: string;
  readonly settings: Readonly<Record<string, string>>;
}

interface Wanted {
  /** Environment variables and files, any of which tells who asks. */
  readonly credentials: { readonly variables: readonly string[]; readonly files: readonly string[] };
  readonly login: string;
  readonly region: readonly string[];
}

const WANTED: Record<Cloud, Wanted> = {
  aws: {
    credentials: {
      variables: [
        "AWS_ACCESS_KEY_ID",
        "AWS_PROFILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
      ],
      files: [".aws/credentials", ".aws/config"],
    },
    login: "aws configure",
    region: ["AWS_REGION", "AWS_DEFAULT_REGION"],
  },
  gcp: {
    credentials: {
      variables: ["GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CREDENTIALS", "GOOGLE_OAUTH_ACCESS_TOKEN"],
      files: [".config/gcloud/application_default_credentials.json"],
    },
    login: "gcloud auth application-default login",
    region: ["GOOGLE_REGION", "CLOUDSDK_COMPUTE_REGION"],
  },
  azure: {
    credentials: { variables: ["ARM_CLIENT_ID", "ARM_USE_MSI", "ARM_USE_OIDC"], files: [".azure/azureProfile.json"] },
    login: "az login",
    region: ["ARM_LOCATION"],
  },
};
const PROJECT = ["GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT"];

/**
 * The account that the environment names. Whether its credentials are good shows only when they are used.
 *
 * @param region in place of the environment's
 * @throws InputError that says what was expected, and found nowhere
 */
export function accountOf(
  cloud: Cloud,
  region: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
  isThere: (file: string) => boolean = existsSync,
): Account {
  const wanted = WANTED[cloud];
  const { variables, files } = wanted.credentials;
  const paths = files.map((file) => join(env.HOME || homedir(), file));
  const first = (names: readonly string[]) => names.map((name) => env[name]).find(Boolean);
  const problems: { path: string; expected: string; found: string }[] = [];
  if (first(variables) === undefined && !paths.some(isThere))
    problems.push({
      path: "credentials",
      expected: `one of ${variables.join(", ")}, or ${paths.join(" or ")} (\`${wanted.login}\` writes it)`,
      found: "none of them; without an account use --simulated",
    });
  const at = region ?? first(wanted.region);
  if (at === undefined)
    problems.push({ path: "region", expected: `--region, or ${wanted.region.join(" or ")}`, found: "none" });
  const project = cloud === "gcp" ? first(PROJECT) : "";
  if (project === undefined) problems.push({ path: "project", expected: PROJECT.join(" or "), found: "none" });
  if (at === undefined || project === undefined || problems.length > 0) throw new InputError(cloud, problems);
  return { region: at, project, settings: settingsOf(cloud, at, project) };
}

/** Settings of a cloud's provider. */
export function settingsOf(cloud: Cloud, region: string, project: string): Record<string, string> {
  if (cloud === "aws") return { "aws:region": region };
  if (cloud === "gcp") return { "gcp:region": region, "gcp:project": project };
  return { "azure-native:location": region };
}
