import type { ProjectFiles } from "./project-files.ts";
import { type ControlReader, openControlReader } from "./store/control-reader.ts";
import { storeDirectory } from "./store/store-directory.ts";

/**
 * Opens what a project's engine has recorded, for reading, with or without a running engine. Close it again.
 *
 * @throws StoreError when there is no store, or it is damaged or of another version
 */
export function openRecords({ project, root }: Pick<ProjectFiles, "project" | "root">): ControlReader {
  return openControlReader(storeDirectory(project.store, root));
}
