import type { ScalingProfile, ScalingRule } from "../scaling-profiles.ts";
import { azureError } from "./azure-error.ts";

/** A profile as Azure Monitor's API has it. Counts are strings. */
export interface AutoscaleProfile {
  readonly name: string;
  readonly capacity: { readonly minimum: string; readonly maximum: string; readonly default: string };
  readonly fixedDate?: { readonly start: string; readonly end: string; readonly timeZone?: string };
  readonly recurrence?: unknown;
  readonly rules: readonly {
    readonly metricTrigger: {
      readonly metricName: string;
      readonly operator: string;
      readonly threshold: number;
      readonly timeWindow: string;
    };
    readonly scaleAction: {
      readonly direction: string;
      readonly type: string;
      readonly value?: string;
      readonly cooldown: string;
    };
  }[];
}

/** Most profiles of a setting, and rules of a profile (REST API, AutoscaleSettings). */
const MOST_PROFILES = 20;
const MOST_RULES = 10;
const MINUTE = 60;
const WEEK = 7 * 86_400;

const refused = (message: string) => azureError("BadRequest", message);

/**
 * The profiles of a setting, checked as the API documents it: at most 20, one of them without a date, dated ones without overlap, a
 * minimum of at most the maximum with the default in between, at most ten rules, cool-downs of a minute to a week.
 *
 * @throws Error in Azure's form
 */
export function readProfiles(profiles: readonly AutoscaleProfile[]): ScalingProfile[] {
  if (profiles.length > MOST_PROFILES)
    throw refused(`A maximum of ${MOST_PROFILES} profiles can be specified, found ${profiles.length}.`);
  const read = profiles.map(readProfile);
  const undated = read.filter(({ from }) => from === undefined).length;
  if (undated !== 1) throw refused(`Expected one profile without a date, found ${undated}.`);
  const dated = read.filter(({ from }) => from !== undefined).sort((a, b) => a.from! - b.from!);
  for (const [i, one] of dated.entries())
    if (i > 0 && one.from! < dated[i - 1].until!)
      throw refused(`The profiles ${dated[i - 1].name} and ${one.name} overlap.`);
  return read;
}

function readProfile({ name, capacity, fixedDate, recurrence, rules }: AutoscaleProfile): ScalingProfile {
  if (recurrence !== undefined) throw new Error(`profile ${name}: a recurring profile is not simulated`);
  const [min, max, fallback] = [capacity.minimum, capacity.maximum, capacity.default].map(Number);
  if (!(min >= 0 && min <= fallback && fallback <= max))
    throw refused(
      `Profile ${name}: expected minimum, default and maximum in order, found ${min}, ${fallback}, ${max}.`,
    );
  if (rules.length > MOST_RULES) throw refused(`Profile ${name}: at most ${MOST_RULES} rules, found ${rules.length}.`);
  const common = { name, min, max, fallback, rules: rules.map(readRule) };
  if (fixedDate === undefined) return common;
  if (fixedDate.timeZone !== undefined && fixedDate.timeZone !== "UTC")
    throw new Error(`profile ${name}: expected the time zone UTC, which is simulated, found ${fixedDate.timeZone}`);
  const [from, until] = [fixedDate.start, fixedDate.end].map((time) => Date.parse(time) / 1000);
  if (!(from < until))
    throw refused(`Profile ${name}: expected a start before its end, found ${fixedDate.start} and ${fixedDate.end}.`);
  return { ...common, from, until };
}

function readRule({ metricTrigger, scaleAction }: AutoscaleProfile["rules"][number]): ScalingRule {
  const { metricName, operator, threshold, timeWindow } = metricTrigger;
  const { direction, type, value = "1", cooldown } = scaleAction;
  if (metricName !== "Percentage CPU")
    throw new Error(`expected Percentage CPU, which is simulated, found ${metricName}`);
  const compares = ({ GreaterThan: "above", LessThan: "below" } as const)[operator];
  const way = ({ Increase: "out", Decrease: "in" } as const)[direction];
  const share = ({ ChangeCount: false, PercentChangeCount: true } as const)[type];
  if (compares === undefined || way === undefined || share === undefined)
    throw new Error(
      `expected GreaterThan or LessThan, Increase or Decrease, ChangeCount or PercentChangeCount, which are simulated, found ${operator}, ${direction}, ${type}`,
    );
  const rest = seconds(cooldown);
  if (rest < MINUTE || rest > WEEK) throw refused(`Expected a cool-down of a minute to a week, found ${cooldown}.`);
  return {
    direction: way,
    compares,
    threshold: threshold / 100,
    window: seconds(timeWindow),
    change: share ? Number(value) / 100 : Number(value),
    share,
    cooldown: rest,
  };
}

/** Of a duration such as `PT5M` (ISO 8601). */
function seconds(duration: string): number {
  const parts = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(duration);
  if (parts === null || duration === "PT") throw refused(`Expected a duration such as PT5M, found ${duration}.`);
  const [hours, minutes, rest] = parts.slice(1).map((part) => Number(part ?? 0));
  return hours * 3600 + minutes * 60 + rest;
}
