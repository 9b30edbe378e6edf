import type { z } from "zod";
import { capacityFile } from "../../model/capacity.ts";
import { catalogueFile } from "../../model/catalogue.ts";
import { constraintsFile } from "../../model/constraints.ts";
import { envelopeFile } from "../../model/envelope.ts";
import { projectFile } from "../../model/project.ts";
import { code, page, table } from "./markdown.ts";
import { schemaRows } from "./schema-rows.ts";

const FILES: readonly (readonly [heading: string, about: string, schema: z.ZodType])[] = [
  ["foreshadow.yaml", "What each key means: [file formats](../formats.md#foreshadowyaml).", projectFile],
  ["policies/NAME.yaml", "The constraints; [what each key means](../formats.md#policiesnameyaml).", constraintsFile],
  ["capacity/STACK.yaml", "By workload; [what each key means](../formats.md#capacitystackyaml).", capacityFile],
  [
    "capacity/STACK.envelope.yaml",
    "By workload; [what each key means](../formats.md#capacitystackenvelopeyaml).",
    envelopeFile,
  ],
  ["Catalogues", "What replicas may be bought as; [how a type is chosen](../choice.md).", catalogueFile],
];

/** Every key of every file, from the schemas that read them. */
export function filesPage(): string {
  const sections = FILES.flatMap(([heading, about, schema]) => [
    `## ${heading}`,
    about,
    table(
      ["key", "what may stand there", "without it"],
      schemaRows(schema).map(({ path, form, absent }) => [
        code(path),
        form,
        absent === "needed" ? "it is needed" : code(absent) || "–",
      ]),
    ),
  ]);
  return page(
    "# Keys of the files",
    "From the schemas that the files are read with. `NAME` stands for a name of your own, `[]` for each entry of a list. A key that is not listed is refused.",
    ...sections,
  );
}
