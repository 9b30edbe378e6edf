import type { ComponentChildren } from "preact";

/** What may be wider or higher than its place. It takes the focus, so that the keyboard can scroll it. */
export function Scroll({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by the keyboard (axe: scrollable-region-focusable).
    <section class="scroll" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}

/** Text of a file. */
export function FileText({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <Scroll label={label}>
      <pre>{text}</pre>
    </Scroll>
  );
}
