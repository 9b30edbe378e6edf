import { now } from "../../../model/simulated-clock.ts";
import { simulatedProvider, worldFile } from "../provider.ts";
import { serve } from "../serve.ts";
import { simulatedGcp } from "./simulated-gcp.ts";

await serve(simulatedProvider(simulatedGcp, worldFile(), () => now()));
