/** One series as a server would have scraped it. */
export interface RecordedSeries {
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly labels: Readonly<Record<string, string>>;
  /** Of a counter the rate, of a gauge the value, at a time; undefined where it was not there to be scraped. */
  readonly value: (at: number) => number | undefined;
}

export interface Scrapes {
  /** Epoch seconds of the first scrape and the last, and seconds between two. */
  readonly from: number;
  readonly to: number;
  readonly every: number;
}

/** The text of OpenMetrics, which promtool makes blocks of; counters start anew where their series comes back. */
export function openMetrics(series: readonly RecordedSeries[], scrapes: Scrapes): string {
  const lines: string[] = [];
  let before = "";
  for (const one of [...series].sort((a, b) => a.name.localeCompare(b.name))) {
    const family = one.kind === "counter" ? one.name.replace(/_total$/, "") : one.name;
    if (family !== before) lines.push(`# TYPE ${family} ${one.kind}`);
    before = family;
    for (const [at, value] of samplesOf(one, scrapes)) lines.push(`${one.name}${labelsOf(one)} ${value} ${at}`);
  }
  return `${lines.join("\n")}\n# EOF\n`;
}

/** The text of Prometheus' own format, which VictoriaMetrics imports; in pieces. */
export function* prometheusText(series: readonly RecordedSeries[], scrapes: Scrapes): Generator<string> {
  for (const one of series)
    yield samplesOf(one, scrapes)
      .map(([at, value]) => `${one.name}${labelsOf(one)} ${value} ${at * 1000}\n`)
      .join("");
}

/** Imports what was recorded into a VictoriaMetrics. */
export async function importInto(url: string, series: readonly RecordedSeries[], scrapes: Scrapes): Promise<void> {
  for (const body of prometheusText(series, scrapes)) {
    const { ok, status } = await fetch(`${url}/api/v1/import/prometheus`, { method: "POST", body });
    if (!ok) throw new Error(`import: ${status}`);
  }
  await fetch(`${url}/internal/force_flush`);
}

function samplesOf({ kind, value }: RecordedSeries, { from, to, every }: Scrapes): [at: number, value: number][] {
  const samples: [number, number][] = [];
  let total = 0;
  for (let at = from; at <= to; at += every) {
    const now = value(at);
    total = now === undefined ? 0 : total + now * every;
    if (now !== undefined) samples.push([at, kind === "gauge" ? now : total]);
  }
  return samples;
}

function labelsOf({ labels }: RecordedSeries): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(",")}}`;
}
