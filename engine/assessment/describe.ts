import { formatShort } from "../../model/units.ts";
import type { Assessment, CourseSummary } from "./assess.ts";
import type { Predictability } from "./predictability.ts";
import { percent } from "./verdict.ts";

/** Words that the report has in text and on its page. */

/** `1,094 h, short 0.2 %`. */
function courseCell({ replicaHours, violationTicks }: CourseSummary, ticks: number): string {
  return `${Math.round(replicaHours).toLocaleString("en")} h, short ${percent(violationTicks / Math.max(1, ticks))}`;
}

/** The cells of today's capacity, reactive-only and Foreshadow; empty where a workload could not be judged. */
export function courseCells({ courses, judgedTicks, capacity }: Assessment): [string, string, string] {
  if (courses === undefined) return ["", "", ""];
  const today = courseCell(courses.today, judgedTicks);
  return [
    capacity?.guessed === true ? `${today}, guessed` : today,
    courseCell(courses.reactive, judgedTicks),
    courseCell(courses.foreshadow, judgedTicks),
  ];
}

/** `-35 %`, against today's capacity. */
export function differenceCell({ courses }: Assessment): string {
  if (courses === undefined) return "";
  const share = courses.foreshadow.replicaHours / Math.max(1e-9, courses.today.replicaHours) - 1;
  return `${share > 0 ? "+" : share < 0 ? "−" : ""}${percent(Math.abs(share))}`;
}

/** `88 %`, of what changes, at the lead time. */
export function explainedCell(predictability: Predictability | undefined): string {
  const explained = predictability?.explained;
  return explained === null || explained === undefined ? "–" : percent(Math.max(0, explained));
}

/** `58 % less loss`, than seasonal naive has. */
export function skillCell({ skill }: Predictability): string {
  return skill === null ? "–" : `${percent(Math.abs(skill))} ${skill >= 0 ? "less" : "more"} loss`;
}

const UNITS = { cpu: " cores", memory: "B", disk: "B/s", storage: "B", network: "B/s", requests: "/s" };

export function amount(series: Predictability["series"], value: number): string {
  return `${formatShort(value)}${UNITS[series]}`;
}
