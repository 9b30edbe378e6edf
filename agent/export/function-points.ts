import { ATTRIBUTE, FUNCTION_CPU, FUNCTION_CPU_BEFORE } from "../../model/otlp/names.ts";
import type { FunctionMeasures, ProcessMeasures } from "../../model/vector.ts";
import { gauge, PointWriter, pointAttributes } from "./point-writer.ts";

type Attributes = readonly (readonly [string, string | number])[];

/** The same functions are told each second until there is another profile. */
const encoded = new WeakMap<readonly FunctionMeasures[], readonly Buffer[]>();

/** What the functions of processes used; nothing where none was profiled. */
export function encodeFunctions(
  processes: readonly ProcessMeasures[],
  attributesOf: (process: ProcessMeasures) => Attributes,
  times: Buffer,
): Buffer[] {
  const [now, before] = [new PointWriter(), new PointWriter()];
  for (const process of processes) {
    const { functions } = process;
    if (functions === undefined) continue;
    let attributes = encoded.get(functions);
    if (attributes === undefined) {
      const own = attributesOf(process);
      attributes = functions.map(({ name, file }) =>
        pointAttributes([
          ...own,
          [ATTRIBUTE.functionName, name],
          ...(file === undefined ? [] : ([[ATTRIBUTE.filePath, file]] as const)),
        ]),
      );
      encoded.set(functions, attributes);
    }
    for (const [i, one] of functions.entries()) {
      now.add(attributes[i], times, one.cpu);
      if (one.before !== undefined) before.add(attributes[i], times, one.before);
    }
  }
  return [
    ...(now.empty ? [] : [gauge(FUNCTION_CPU, "{cpu}", now.take())]),
    ...(before.empty ? [] : [gauge(FUNCTION_CPU_BEFORE, "{cpu}", before.take())]),
  ];
}
