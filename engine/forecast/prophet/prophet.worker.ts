import { serveFits } from "../fitting/serve-fits.ts";
import type { ProphetRequest } from "./prophet-fitter.port.ts";
import { SharedDesigns } from "./shared-designs.ts";

const designs = new SharedDesigns();
serveFits((request: ProphetRequest) => designs.fit(request));
