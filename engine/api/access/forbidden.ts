/** The caller is known and may not. */
export class Forbidden extends Error {
  override readonly name = "Forbidden";
}
