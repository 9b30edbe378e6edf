import type uPlot from "uplot";
import { MARK_SHAPES, type Mark } from "../domain/marks.ts";
import type { Palette } from "./palette.ts";

/** Draws marks over the whole height of a plot: spans as shades, instants as lines, each with its shape at the top; and now. */
export function drawMarks(plot: uPlot, marks: readonly Mark[], now: number, palette: Palette): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const place = (at: number) => plot.valToPos(at, "x", true);
  const [left, right] = [bbox.left, bbox.left + bbox.width];
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, 0, bbox.width, bbox.top + bbox.height);
  ctx.clip();
  ctx.font = `${10 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  for (const { kind, from, to } of marks) {
    const [begin, end] = [place(from), to === undefined ? place(from) : place(to)];
    if (end < left || begin > right) continue;
    ctx.fillStyle = palette[kind];
    ctx.strokeStyle = palette[kind];
    if (to !== undefined) {
      ctx.globalAlpha = 0.14;
      ctx.fillRect(begin, bbox.top, Math.max(2 * ratio, end - begin), bbox.height);
      ctx.globalAlpha = 1;
    } else line(ctx, begin, bbox, [3 * ratio, 3 * ratio], ratio);
    ctx.fillText(
      MARK_SHAPES[kind],
      Math.min(right - 5 * ratio, Math.max(left + 5 * ratio, begin)),
      bbox.top - 2 * ratio,
    );
  }
  ctx.strokeStyle = palette.text;
  line(ctx, place(now), bbox, [], ratio);
  ctx.restore();
}

function line(ctx: CanvasRenderingContext2D, x: number, bbox: uPlot.BBox, dash: number[], width: number): void {
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.setLineDash([]);
}
