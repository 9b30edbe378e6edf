/** An error as Azure Resource Manager gives it and its providers show it. */
export function azureError(code: string, message: string, status = 400): Error {
  return new Error(`Status=${status} Code="${code}" Message="${message}"`);
}
