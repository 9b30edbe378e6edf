import type { VectorAssembler } from "../mapping/assembler.ts";
import type { Sample } from "../mapping/sample.ts";
import { parseExposition } from "./exposition.ts";
import type { HttpSource } from "./http-source.ts";
import type { Pull } from "./pull.port.ts";

const ACCEPT = "application/openmetrics-text;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.8,*/*;q=0.1";

export interface ScrapeOptions {
  readonly url: string;
  readonly every: number;
  /** What its series have besides their own labels. */
  readonly labels: Readonly<Record<string, string>>;
  readonly source: Pick<HttpSource, "get" | "close">;
  readonly assembler: VectorAssembler;
  readonly names: ReadonlySet<string>;
}

/** Reads a page of metrics. */
export function scrape({ url, every, labels, source, assembler, names }: ScrapeOptions): Pull {
  const { host } = new URL(url);
  const added = { instance: host, ...labels };
  return {
    name: url,
    every,
    look: async (now) => {
      const { text, type } = await source.get("", ACCEPT);
      const { samples, malformed } = parseExposition(text, names, type.includes("openmetrics"), now);
      if (samples.length === 0 && malformed > 0) throw new Error("a page that is none of Prometheus' formats");
      assembler.take(
        samples.map((sample) => labelled(sample, added)),
        url,
        now,
      );
    },
    close: () => source.close(),
  };
}

function labelled(sample: Sample, added: Readonly<Record<string, string>>): Sample {
  const labels = new Map(sample.labels);
  for (const [name, value] of Object.entries(added)) if (!labels.has(name)) labels.set(name, value);
  return { ...sample, labels };
}
