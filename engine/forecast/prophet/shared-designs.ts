import { ProphetDesign } from "./prophet-design.ts";
import { fitProphet, type ProphetParameters } from "./prophet-fit.ts";
import type { ProphetRequest } from "./prophet-fitter.port.ts";

/** A design of four weeks takes a megabyte. Series on one grid come one after the other, so that a few are enough. */
const KEPT = 4;

/** Fits series, keeping the designs of the last grids for the next series on them. */
export class SharedDesigns {
  private readonly designs = new Map<string, ProphetDesign>();

  /** @throws Error where there is no fit */
  fit({ grid, events, values }: ProphetRequest): ProphetParameters {
    const key = JSON.stringify([grid, events]);
    const design = this.designs.get(key) ?? new ProphetDesign(grid, events);
    this.designs.delete(key);
    this.designs.set(key, design);
    if (this.designs.size > KEPT) this.designs.delete(this.designs.keys().next().value!);
    return fitProphet(design, values);
  }
}
