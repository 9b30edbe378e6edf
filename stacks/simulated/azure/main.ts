import { now } from "../../../model/simulated-clock.ts";
import { simulatedProvider, worldFile } from "../provider.ts";
import { serve } from "../serve.ts";
import { simulatedAzure } from "./simulated-azure.ts";

await serve(simulatedProvider(simulatedAzure, worldFile(), () => now()));
