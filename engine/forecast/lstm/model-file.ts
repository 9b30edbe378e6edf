import { createHash } from "node:crypto";
import type { GlobalModel, TrainingRecord } from "./global-model.port.ts";
import { layoutOf, type NetworkShape } from "./network.ts";

const FORMAT = "foreshadow.global-model";
const VERSION = 1;
/** More canonical horizons than this has no model. */
const MOST_HORIZONS = 16;

/** A file is JSON, with the parameters as base64 of little-endian floats, and a digest over all but itself. */
interface ModelFile {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly shape: NetworkShape;
  readonly trained: TrainingRecord;
  readonly parameters: string;
}

export function createGlobalModel(shape: NetworkShape, parameters: Float32Array, trained: TrainingRecord): GlobalModel {
  return { shape, parameters, trained, digest: digestOf(contentOf({ shape, parameters, trained })) };
}

/** The text of a model's file. */
export function encodeModel(model: GlobalModel): string {
  return `${JSON.stringify({ ...contentOf(model), digest: model.digest })}\n`;
}

/**
 * Reads the text of a model's file.
 *
 * @param path how errors name the file
 * @throws Error that says what was expected and found, where the file is damaged, of another version or of something else
 */
export function decodeModel(text: string, path: string): GlobalModel {
  const refuse = (expected: string, found: string): never => {
    throw new Error(
      `${path}: expected ${expected}, found ${found}; forecasts go on without it and the next training writes it anew`,
    );
  };
  let file: Partial<ModelFile> & { digest?: string };
  try {
    file = JSON.parse(text) ?? {};
  } catch (error) {
    return refuse("a global model in JSON", (error as Error).message);
  }
  if (file.format !== FORMAT) return refuse(`the format ${FORMAT}`, JSON.stringify(file.format) ?? "none");
  if (file.version !== VERSION) return refuse(`version ${VERSION}`, JSON.stringify(file.version) ?? "none");
  const { digest, ...content } = file;
  const actual = digestOf(content);
  if (digest !== actual) return refuse(`content of the digest ${digest}`, `content of the digest ${actual}`);
  const { shape, trained, parameters: encoded } = content as ModelFile;
  if (!isShape(shape)) return refuse("a step, a season and ascending horizons", JSON.stringify(shape));
  const bytes = Buffer.from(String(encoded), "base64");
  const { length } = layoutOf(shape);
  if (bytes.byteLength !== 4 * length) return refuse(`${length} parameters`, String(bytes.byteLength / 4));
  const parameters = new Float32Array(length);
  for (let i = 0; i < length; i++) parameters[i] = bytes.readFloatLE(4 * i);
  if (!parameters.every(Number.isFinite)) return refuse("finite parameters", "others");
  return { shape, parameters, trained, digest: actual };
}

function contentOf({ shape, parameters, trained }: Omit<GlobalModel, "digest">): ModelFile {
  const bytes = Buffer.alloc(4 * parameters.length);
  parameters.forEach((value, i) => {
    bytes.writeFloatLE(value, 4 * i);
  });
  return { format: FORMAT, version: VERSION, shape, trained, parameters: bytes.toString("base64") };
}

function digestOf(content: object): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("hex");
}

function isShape(shape: NetworkShape | undefined): shape is NetworkShape {
  if (typeof shape !== "object" || shape === null || !Array.isArray(shape.horizons)) return false;
  const { step, season, horizons } = shape;
  return (
    step > 0 &&
    Number.isInteger(season) &&
    season >= 4 &&
    horizons.length > 0 &&
    horizons.length <= MOST_HORIZONS &&
    horizons.every((ahead, k) => Number.isInteger(ahead) && ahead > (k > 0 ? horizons[k - 1] : 0))
  );
}
