/** Something that usage is got from again and again. */
export interface Pull {
  /** What it is, for people. */
  readonly name: string;
  /** Seconds between two looks. */
  readonly every: number;
  /** @param now epoch seconds @throws Error when nothing could be got */
  look(now: number): Promise<void>;
  close(): void;
}
