/**
 * What bounds the memory of the agent's process. It allocates some hundred kilobytes a second, nearly all of it short-lived. With V8's own
 * sizes its young generation grows to three times 16 MiB before anything is collected, and its old one by 8 MiB and more, by how
 * much memory the host has, which `collectRegularly` prevents; glibc keeps an arena a thread, each of which holds on to what was freed in it.
 */
export const NODE_FLAGS: readonly string[] = ["--max-semi-space-size=1", "--max-old-space-size=192", "--expose-gc"];

export const ENVIRONMENT: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: "1" };
