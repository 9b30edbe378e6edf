import type { z } from "zod";
import { Forbidden } from "./access/forbidden.ts";
import { NotFound, Refused } from "./engine-control.port.ts";
import { KeyReused } from "./idempotency.ts";

/** What went wrong, as RFC 9457 tells it. `code` is for programs. */
export interface Problem {
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 421 | 422 | 429 | 500;
  readonly title: string;
  readonly code: string;
  readonly detail: string;
  /** Seconds until another attempt makes sense. */
  readonly retryAfter?: number;
}

/** An answer that is a problem. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** The problem that an error is. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof NotFound) return { status: 404, title: "Not found", code: "not-found", detail };
  if (error instanceof Refused) return { status: 409, title: "Refused", code: "refused", detail };
  if (error instanceof Forbidden) return { status: 403, title: "Not allowed", code: "forbidden", detail };
  if (error instanceof KeyReused) return { status: 422, title: "Key used before", code: "key-reused", detail };
  return { status: 500, title: "The engine failed", code: "failed", detail };
}

/** @throws ProblemError that names each place of what was sent that is not as expected */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: "body" | "query",
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const detail = parsed.error.issues.map(({ path, message }) => `${path.join(".") || what}: ${message}`).join("; ");
  throw new ProblemError({ status: 422, title: `Wrong ${what}`, code: `wrong-${what}`, detail });
}
