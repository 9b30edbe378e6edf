import { z } from "zod";
import type { Principal, Scope } from "./access/principal.ts";
import type { ApiEngine, ApiRecords } from "./api-engine.port.ts";

/** What an operation works with. */
export interface Call<Query, Body> {
  readonly engine: ApiEngine;
  readonly records: ApiRecords;
  readonly caller: Principal;
  /** The name or identifier in the path. */
  readonly id: string;
  readonly query: Query;
  readonly body: Body;
}

/** One operation of the API: where it is, who may, what goes in, what comes out, and what it does. */
export interface Operation {
  readonly id: string;
  readonly method: "GET" | "POST";
  /** Below `/api/v1`; `{id}` or `{name}` stands for one part. */
  readonly path: string;
  readonly summary: string;
  readonly scope: Scope;
  /** Only a person may: an approval by a program says nothing. */
  readonly person?: true;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  run(call: Call<never, never>): Promise<unknown>;
}

const none = z.object({});

/** An operation with the types of its query and body. */
export function operation<Query extends z.ZodObject = typeof none, Body extends z.ZodType = typeof none>(
  one: Omit<Operation, "query" | "body" | "run"> & {
    readonly query?: Query;
    readonly body?: Body;
    run(call: Call<z.output<Query>, z.output<Body>>): Promise<unknown>;
  },
): Operation {
  return one as Operation;
}

/** How a list's page is asked for. @param most items of a page */
export function paging(most: number) {
  return {
    limit: z.coerce.number().int().min(1).max(most).default(Math.min(100, most)),
    cursor: z
      .string()
      .regex(/^\d{1,12}$/)
      .optional(),
  };
}
