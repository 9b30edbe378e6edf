import { useEffect, useState } from "preact/hooks";

const NAMES = [
  "text",
  "muted",
  "grid",
  "demand",
  "forecast",
  "band",
  "decides",
  "capacity",
  "limit",
  "action",
  "anomaly",
  "quarantine",
  "hold",
  "event",
] as const;
export type Palette = Readonly<Record<(typeof NAMES)[number], string>>;

/** The colours of the style sheet, for what is drawn on a canvas; read anew when the reader's scheme changes. */
export function usePalette(): Palette {
  const [palette, setPalette] = useState(read);
  useEffect(() => {
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const changed = () => setPalette(read());
    scheme.addEventListener("change", changed);
    return () => scheme.removeEventListener("change", changed);
  }, []);
  return palette;
}

function read(): Palette {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--chart-${name}`).trim()])) as Palette;
}
