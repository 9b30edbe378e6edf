import { ATTRIBUTE, FUNCTION_CPU, FUNCTION_CPU_BEFORE } from "../../model/otlp/names.ts";
import type { FunctionMeasures, ProcessMeasures } from "../../model/vector.ts";
import type { MessageParts } from "./message-parts.ts";
import { MetricWriter, pointAttributes } from "./metric-writer.ts";

/** Encodes what the functions of processes used; nothing where none was profiled. */
export class FunctionPoints {
  readonly #now = MetricWriter.gauge(FUNCTION_CPU, "{cpu}");
  readonly #before = MetricWriter.gauge(FUNCTION_CPU_BEFORE, "{cpu}");
  /** The same functions are told each second until there is another profile. */
  readonly #encoded = new WeakMap<readonly FunctionMeasures[], readonly Buffer[]>();

  /**
   * @param own attributes of all points of the process
   * @param times of `pointTimes`
   */
  add({ functions }: ProcessMeasures, own: Buffer, times: Buffer): void {
    if (functions === undefined) return;
    let attributes = this.#encoded.get(functions);
    if (attributes === undefined) {
      attributes = functions.map(({ name, file }) =>
        pointAttributes([
          [ATTRIBUTE.functionName, name],
          ...(file === undefined ? [] : ([[ATTRIBUTE.filePath, file]] as const)),
        ]),
      );
      this.#encoded.set(functions, attributes);
    }
    for (const [i, one] of functions.entries()) {
      this.#now.add(times, one.cpu, own, attributes[i]);
      if (one.before !== undefined) this.#before.add(times, one.before, own, attributes[i]);
    }
  }

  moveTo(scope: MessageParts): void {
    this.#now.moveTo(scope);
    this.#before.moveTo(scope);
  }
}
