import { isDeepStrictEqual } from "node:util";

/** @throws Error that says what was expected and what was found */
export function expectSame(what: string, found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected))
    throw new Error(`${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
}

/** @throws Error when the cloud takes what it should refuse */
export async function expectRefusal(what: string, attempt: () => Promise<unknown>): Promise<void> {
  const taken = await attempt().then(
    () => true,
    () => false,
  );
  if (taken) throw new Error(`${what}: expected a refusal, found that it was taken`);
}

/** Looks until it is as expected. @param patience seconds */
export async function expectWithin(
  what: string,
  patience: number,
  look: () => Promise<unknown>,
  expected: unknown,
): Promise<void> {
  for (const deadline = Date.now() + patience * 1000; ; ) {
    const found = await look();
    if (isDeepStrictEqual(found, expected)) return;
    if (Date.now() >= deadline)
      throw new Error(
        `${what}: expected ${JSON.stringify(expected)} within ${patience} s, found ${JSON.stringify(found)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, Math.min(10_000, patience * 100)));
  }
}
