import type { ComponentChildren } from "preact";
import type { Resource } from "../client/use-resource.ts";

/** What was read, or that it is being read, or why it cannot be. What was read stays while it is read anew. */
export function Loaded<Value>({
  resource,
  children,
  what,
}: {
  readonly resource: Resource<Value>;
  readonly what: string;
  readonly children: (data: Value) => ComponentChildren;
}) {
  const { data, problem, loading, reload } = resource;
  if (data !== undefined) return <>{children(data)}</>;
  if (loading) return <p class="hint">Loading {what} …</p>;
  if (problem === undefined) return null;
  return (
    <div class="problem" role="alert">
      <p>
        {what}: {problem.message}
      </p>
      <button type="button" onClick={reload}>
        Try again
      </button>
    </div>
  );
}
