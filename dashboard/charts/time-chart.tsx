import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { Line } from "../domain/chart-lines.ts";
import type { Mark } from "../domain/marks.ts";
import { localTime } from "../format/time.ts";
import { drawMarks } from "./draw-marks.ts";
import type { Palette } from "./palette.ts";

export interface ChartSeries {
  readonly label: string;
  readonly values: Line;
  readonly colour: string;
  readonly width?: number;
  readonly dash?: number[];
  /** Drawn as steps that hold from their instant on. */
  readonly stepped?: boolean;
  /** Filled down to the series after this one. */
  readonly fillToNext?: string;
}

/** What charts of one page share, whatever they draw. */
export interface ChartFrame {
  /** What the chart shows, in words, for those who do not see it. */
  readonly description: string;
  readonly marks: readonly Mark[];
  readonly now: number;
  /** What is shown of the axis, epoch seconds. */
  readonly range: readonly [number, number];
  readonly palette: Palette;
}

export interface TimeChartProps extends ChartFrame {
  readonly x: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly format: (value: number | null) => string;
  readonly axis: (value: number) => string;
  readonly height: number;
}

/** Charts of one page share their cursor. */
const SYNC = uPlot.sync("time");
const HOUR_MINUTE: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };

/** Lines over time on a canvas. New numbers are drawn in place; the plot is made anew only when its looks change. */
export function TimeChart(props: TimeChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const { series, palette, height, description, x, range, marks, now } = props;
  const looks = JSON.stringify([series.map(({ label, colour }) => [label, colour]), palette, height]);

  // `looks` says when the plot must be made anew.
  useEffect(() => {
    const element = place.current!;
    const made = new uPlot(options(element, latest), dataOf(latest.current), element);
    plot.current = made;
    const resized = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height });
    });
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [looks]);

  useEffect(() => {
    const drawn = plot.current;
    if (drawn === undefined) return;
    drawn.batch(() => {
      drawn.setData(dataOf(latest.current), false);
      drawn.setScale("x", { min: range[0], max: range[1] });
    });
  }, [x, series, marks, now, range[0], range[1]]);

  return <div class="chart" ref={place} role="img" aria-label={description} />;
}

function dataOf({ x, series }: TimeChartProps): uPlot.AlignedData {
  return [x, ...series.map(({ values }) => values)] as unknown as uPlot.AlignedData;
}

function options(element: HTMLElement, latest: { readonly current: TimeChartProps }): uPlot.Options {
  const { series, palette, height, range } = latest.current;
  const axisLooks = {
    stroke: palette.muted,
    font: "11px system-ui, sans-serif",
    grid: { stroke: palette.grid, width: 1 },
    ticks: { stroke: palette.grid, width: 1, size: 4 },
  };
  return {
    width: Math.max(200, element.clientWidth),
    height,
    padding: [14, 8, 0, 0],
    cursor: { sync: { key: SYNC.key }, drag: { x: false, y: false }, points: { size: 5 } },
    legend: { live: true },
    scales: {
      x: { time: true, min: range[0], max: range[1] },
      y: { range: (_, _least, most) => [0, (most ?? 1) > 0 ? (most ?? 1) * 1.08 : 1] },
    },
    axes: [
      { ...axisLooks, values: (_, splits, _axis, _space, increment) => splits.map((at) => tickText(at, increment)) },
      { ...axisLooks, size: 68, values: (_, splits) => splits.map((value) => latest.current.axis(value)) },
    ],
    series: [
      { label: "time", value: (_, at) => (at === null || at === undefined ? "–" : localTime(at, Date.now() / 1000)) },
      ...series.map(
        ({ label, colour, width = 1.5, dash, stepped }): uPlot.Series => ({
          label,
          stroke: colour,
          width,
          ...(dash && { dash }),
          spanGaps: true,
          points: { show: false },
          ...(stepped && { paths: uPlot.paths.stepped!({ align: 1 }) }),
          // A gap in what was measured stays one.
          ...(label === "demand" && { spanGaps: false }),
          value: (_, value) => latest.current.format(value),
        }),
      ),
    ],
    bands: series.flatMap(({ fillToNext }, i) =>
      fillToNext === undefined ? [] : [{ series: [i + 1, i + 2] as [number, number], fill: fillToNext }],
    ),
    hooks: {
      drawAxes: [(plot) => drawMarks(plot, latest.current.marks, latest.current.now, palette)],
    },
  };
}

function tickText(at: number, increment: number): string {
  const date = new Date(at * 1000);
  if (increment >= 86_400 || (date.getHours() === 0 && date.getMinutes() === 0))
    return date.toLocaleDateString("en-CA").slice(5);
  return date.toLocaleTimeString("en-GB", HOUR_MINUTE);
}
