import { now } from "../../../model/simulated-clock.ts";
import { simulatedProvider, worldFile } from "../provider.ts";
import { serve } from "../serve.ts";
import { simulatedAws } from "./simulated-aws.ts";

await serve(simulatedProvider(simulatedAws, worldFile(), () => now()));
