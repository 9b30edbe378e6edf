import { useMemo } from "preact/hooks";
import type { SeriesName } from "../../model/dimension.ts";
import type { ChartLines } from "../domain/chart-lines.ts";
import { axisQuantity, quantity } from "../format/quantity.ts";
import { type ChartFrame, type ChartSeries, TimeChart } from "./time-chart.tsx";

/** Demand, usage, forecast with its band, capacity and limit of one series. */
export function SeriesChart({
  series,
  lines,
  ...rest
}: ChartFrame & { readonly series: SeriesName; readonly lines: ChartLines }) {
  const { palette } = rest;
  const drawn = useMemo(
    (): ChartSeries[] => [
      { label: "highest", values: lines.high, colour: palette.band, width: 1, fillToNext: palette.band },
      { label: "lowest", values: lines.low, colour: palette.band, width: 1 },
      { label: "limit", values: lines.limit, colour: palette.limit, width: 1, dash: [2, 3], stepped: true },
      { label: "capacity at target", values: lines.capacity, colour: palette.capacity, width: 1.5, stepped: true },
      { label: "decides", values: lines.decides, colour: palette.decides, width: 1.5, dash: [6, 3] },
      { label: "forecast", values: lines.middle, colour: palette.forecast, width: 2 },
      { label: "usage", values: lines.usage, colour: palette.muted, width: 1, dash: [1, 2] },
      { label: "demand", values: lines.demand, colour: palette.demand, width: 1.5 },
    ],
    [lines, palette],
  );
  return (
    <TimeChart
      {...rest}
      x={lines.x}
      series={drawn}
      format={(value) => quantity(series, value)}
      axis={(value) => axisQuantity(series, value)}
      height={190}
    />
  );
}
