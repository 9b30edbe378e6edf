/** Vectors as the bytes of an ExportMetricsServiceRequest. Such bytes may be put one after another. */
export interface Batch {
  readonly bytes: Buffer;
  readonly vectors: number;
}
