export type Table = Float32Array | Float64Array | Uint16Array;
export type TableKind = "Float32Array" | "Float64Array" | "Uint16Array";

/** A table of zeros in shared memory. */
export function createTable(kind: TableKind, length: number): Table {
  switch (kind) {
    case "Float32Array":
      return new Float32Array(new SharedArrayBuffer(4 * length));
    case "Float64Array":
      return new Float64Array(new SharedArrayBuffer(8 * length));
    case "Uint16Array":
      return new Uint16Array(new SharedArrayBuffer(2 * length));
  }
}

export function kindOf(table: Table): TableKind {
  return table instanceof Float32Array
    ? "Float32Array"
    : table instanceof Float64Array
      ? "Float64Array"
      : "Uint16Array";
}

interface Layout {
  readonly table: Table;
  readonly initial: number;
  /** Whether the numbers of a series lie together. */
  readonly blocks: boolean;
}

/**
 * The memory of a shard: named tables of `rows × columns` numbers, one column a series, so that a pass over all series walks through
 * memory in order. They lie in shared memory, so that another thread can keep them in a file.
 */
export class Tables {
  readonly columns: number;
  private readonly layouts = new Map<string, Layout>();
  private readonly existing: ReadonlyMap<string, Table>;

  /** @param existing tables of a file, to go on with */
  constructor(columns: number, existing: ReadonlyMap<string, Table> = new Map()) {
    this.columns = columns;
    this.existing = existing;
  }

  get all(): Map<string, Table> {
    return new Map([...this.layouts].map(([name, { table }]) => [name, table]));
  }

  /** Single precision: seven digits, enough for what is measured and what is forecast. */
  floats(name: string, rows: number, initial = 0): Float32Array {
    return this.take(name, rows, { kind: "Float32Array", initial, blocks: false }) as Float32Array;
  }

  /** So many numbers a series, which lie together: for what is worked on one series at a time. */
  blocks(name: string, numbers: number): Float32Array {
    return this.take(name, numbers, { kind: "Float32Array", initial: 0, blocks: true }) as Float32Array;
  }

  /** Double precision: ticks, counts. */
  doubles(name: string, rows: number, initial = 0): Float64Array {
    return this.take(name, rows, { kind: "Float64Array", initial, blocks: false }) as Float64Array;
  }

  /** As `half.ts` has them. */
  halves(name: string, rows: number, initial = 0): Uint16Array {
    return this.take(name, rows, { kind: "Uint16Array", initial, blocks: false }) as Uint16Array;
  }

  private take(
    name: string,
    rows: number,
    { kind, initial, blocks }: { kind: TableKind; initial: number; blocks: boolean },
  ): Table {
    const length = rows * this.columns;
    const known = this.existing.get(name);
    if (known !== undefined && (known.length !== length || kindOf(known) !== kind))
      throw new RangeError(`${name}: expected ${length} numbers (${kind}), found ${known.length} (${kindOf(known)})`);
    const table = known ?? createTable(kind, length);
    if (known === undefined && initial !== 0) table.fill(initial);
    this.layouts.set(name, { table, initial, blocks });
    return table;
  }

  /** Makes a column as if nothing had ever been in it. */
  reset(column: number): void {
    for (const { table, initial, blocks } of this.layouts.values()) {
      const rows = table.length / this.columns;
      if (blocks) table.fill(initial, column * rows, (column + 1) * rows);
      else for (let at = column; at < table.length; at += this.columns) table[at] = initial;
    }
  }
}
