import type { Operation } from "../operation.ts";
import { BACKFILL } from "./backfill.ts";
import { CHANGES } from "./changes.ts";
import { FEEDBACK } from "./feedback.ts";
import { FLEET } from "./fleet.ts";
import { HOLDS } from "./holds.ts";
import { RECORDS } from "./records.ts";

/** All operations of the API. */
export const OPERATIONS: readonly Operation[] = [...FLEET, ...CHANGES, ...HOLDS, ...FEEDBACK, ...BACKFILL, ...RECORDS];
