/** Begins the salt of the committed settings of the stack `dev`, which were made with the empty passphrase. */
const COMMITTED_SALT = "v1:63Giy0qXpC8=:";

/**
 * The passphrase variables for a stack of this checkout. The committed settings are open with the empty passphrase and with no other, whatever a user has
 * set for stacks elsewhere; settings of the user's own keep the user's passphrase.
 *
 * @param settings content of `Pulumi.STACK.yaml`; `undefined` where there is none yet
 * @returns the variables to set, and what to tell the user
 */
export function passphraseFor(
  settings: string | undefined,
  env: NodeJS.ProcessEnv,
): { readonly set: { readonly PULUMI_CONFIG_PASSPHRASE?: string }; readonly note?: string } {
  const given = env.PULUMI_CONFIG_PASSPHRASE !== undefined || env.PULUMI_CONFIG_PASSPHRASE_FILE !== undefined;
  if (settings?.includes(`encryptionsalt: ${COMMITTED_SALT}`)) {
    const other = given && env.PULUMI_CONFIG_PASSPHRASE !== "";
    return {
      set: { PULUMI_CONFIG_PASSPHRASE: "" },
      ...(other && {
        note: "the committed stack settings have the empty passphrase; yours is not used here. For one of your own: FORESHADOW_STACK=NAME npm run up",
      }),
    };
  }
  return { set: given ? {} : { PULUMI_CONFIG_PASSPHRASE: "" } };
}
