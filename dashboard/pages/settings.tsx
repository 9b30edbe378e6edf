import type { SettingsView } from "../client/contract.ts";
import { useResource } from "../client/use-resource.ts";
import { Loaded } from "../components/loaded.tsx";
import { FileText } from "../components/scroll.tsx";

/** The files that say what the engine does. They are changed in git, not here. */
export function SettingsPage() {
  const settings = useResource<SettingsView>("settings");
  return (
    <>
      <h1>Settings</h1>
      <p class="hint">Read from these files. Change them in git; the page only shows them.</p>
      <Loaded resource={settings} what="the settings">
        {({ files }) => (
          <>
            {files.map(({ path, text }, index) => (
              <details key={path} class="panel" open={index === 0}>
                <summary>
                  <code>{path}</code>
                </summary>
                <FileText label="Text of the file" text={text} />
              </details>
            ))}
          </>
        )}
      </Loaded>
    </>
  );
}
