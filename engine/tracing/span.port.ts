/** A span of a trace (https://opentelemetry.io/docs/specs/otel/trace/api/#span). */
export interface Span {
  /** 32 and 16 hexadecimal digits; a root has no parent. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parent?: string;
  readonly name: string;
  /** Epoch seconds. */
  readonly from: number;
  readonly to: number;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly events?: readonly { readonly at: number; readonly name: string }[];
  /** Whether it went well; why not, where that is known. */
  readonly outcome?: { readonly ok: boolean; readonly message?: string };
}

/** Where spans go. */
export interface SpanSink {
  /** Returns at once, and never throws. */
  take(span: Span): void;
}
