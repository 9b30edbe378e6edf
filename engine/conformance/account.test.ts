import assert from "node:assert/strict";
import { test } from "node:test";
import { InputError } from "../../model/input-error.ts";
import { accountOf } from "./account.ts";

const nothing = () => false;

test("an account is what the environment or the cloud's own files name", () => {
  assert.deepEqual(accountOf("aws", undefined, { AWS_PROFILE: "shop", AWS_REGION: "eu-west-1" }, nothing), {
    region: "eu-west-1",
    project: "",
    settings: { "aws:region": "eu-west-1" },
  });
  const login = (file: string) => file === "/home/me/.config/gcloud/application_default_credentials.json";
  assert.deepEqual(
    accountOf("gcp", "europe-west3", { HOME: "/home/me", GOOGLE_CLOUD_PROJECT: "shop" }, login).settings,
    {
      "gcp:region": "europe-west3",
      "gcp:project": "shop",
    },
  );
  assert.deepEqual(accountOf("azure", "westeurope", { ARM_CLIENT_ID: "x" }, nothing).settings, {
    "azure-native:location": "westeurope",
  });
});

test("without credentials, region or project all that was expected is said", () => {
  for (const [cloud, expected] of [
    [
      "aws",
      [/AWS_ACCESS_KEY_ID, AWS_PROFILE.*\.aws\/credentials.*aws configure.*--simulated/s, /--region, or AWS_REGION/],
    ],
    ["gcp", [/GOOGLE_APPLICATION_CREDENTIALS.*application-default login/s, /GOOGLE_REGION/, /GOOGLE_PROJECT/]],
    ["azure", [/ARM_CLIENT_ID.*az login/s, /ARM_LOCATION/]],
  ] as const)
    assert.throws(
      () => accountOf(cloud, undefined, { HOME: "/home/me" }, nothing),
      (error: Error) => error instanceof InputError && expected.every((text) => text.test(error.message)),
    );
});
