/**
 * What bounds the memory of the agent's process. It allocates some hundred kilobytes a second, nearly all of it short-lived: with V8's
 * own sizes its young generation grows to three times 16 MiB before anything is collected, and glibc keeps an arena a thread, each of
 * which holds on to what was freed in it.
 */
export const NODE_FLAGS: readonly string[] = ["--max-semi-space-size=1"];

export const ENVIRONMENT: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: "1" };
