import { useMemo } from "preact/hooks";
import type { Line } from "../domain/chart-lines.ts";
import { type ChartFrame, TimeChart } from "./time-chart.tsx";

/** Replicas that are asked for, as steps, and the plan that the present forecast would give. */
export function ReplicaChart({
  x,
  asked,
  proposed,
  ...rest
}: ChartFrame & { readonly x: readonly number[]; readonly asked: Line; readonly proposed: Line }) {
  const { palette } = rest;
  const series = useMemo(
    () => [
      { label: "asked for", values: asked, colour: palette.capacity, width: 2, stepped: true },
      { label: "would be planned", values: proposed, colour: palette.decides, dash: [6, 3], stepped: true },
    ],
    [asked, proposed, palette],
  );
  const whole = (value: number | null) => (value === null ? "–" : String(Math.round(value * 10) / 10));
  return <TimeChart {...rest} x={x} series={series} format={whole} axis={whole} height={140} />;
}
