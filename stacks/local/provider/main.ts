import { main } from "@pulumi/pulumi/provider/index.js";
import { localProvider } from "./local-provider.ts";

await main(localProvider, process.argv.slice(2));
