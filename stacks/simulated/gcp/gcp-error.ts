/** An error as the Google Cloud provider shows it. */
export function gcpError(code: number, message: string, reason: string): Error {
  return new Error(`googleapi: Error ${code}: ${message}, ${reason}`);
}

export const invalid = (field: string, message: string) =>
  gcpError(400, `Invalid value for field '${field}': ${message}`, "invalid");
