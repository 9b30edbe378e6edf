import { createWriteStream, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Deployment, EngineEvent, Stack } from "@pulumi/pulumi/automation/index.js";
import { POLICY_SUBJECT_VARIABLE, type PolicySubject } from "../../model/policy-subject.ts";
import { assertStillHolder } from "../../stacks/lease-guard.ts";
import { deployedResources, projectOf, secretsOf, stateDigest, withResources } from "./checkpoint.ts";
import { readPreview } from "./engine-events.ts";
import { describeFailure } from "./failure.ts";
import { file, type OperationDirectory, writeJson } from "./operation-directory.ts";
import { pathFor } from "./pulumi-command.ts";
import { openStack, writePulumiWrapper } from "./pulumi-stack.ts";
import { Redaction } from "./redaction.ts";
import type { RunnerConfiguration, RunnerRequest, RunnerResult } from "./runner-protocol.ts";

type Values = { [Kind in RunnerRequest["kind"]]: Extract<RunnerRequest, { kind: Kind }> };

/** What is common to the kinds of work: the stack opened, the events collected, time and failure told. */
interface Work {
  readonly stack: Stack;
  readonly onEvent: (event: EngineEvent) => void;
  readonly events: EngineEvent[];
  readonly onOutput: (text: string) => void;
}

/**
 * The Pulumi work of a runner through the Automation API. Secrets never leave it: exported state only as a digest, or into the rehearsal's
 * scratch backend, which is deleted at once.
 */
export function createOperations(
  configuration: RunnerConfiguration,
  directory: OperationDirectory,
  maskKey: Buffer,
  log: (text: string) => void,
): (request: RunnerRequest, n: number) => Promise<RunnerResult> {
  const command = writePulumiWrapper(directory.path, configuration.pulumi, file.pids(directory));
  const environment = (overrides: Record<string, string> = {}): Record<string, string> => ({
    PATH: pathFor(configuration.pulumi),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    TMPDIR: join(directory.path, "tmp"),
    [POLICY_SUBJECT_VARIABLE]: file.policySubject(directory),
    ...overrides,
  });
  const open = (workDir: string, overrides?: Record<string, string>) =>
    openStack({
      stack: configuration.stack,
      workDir,
      command,
      version: configuration.pulumiVersion,
      env: environment(overrides),
    });

  const redaction = new Redaction(process.env);

  /** What is recorded, in plain text. From now on nothing that is secret in it is repeated. */
  async function exportState(stack: Stack): Promise<Deployment> {
    const state = await stack.exportStack();
    for (const secret of secretsOf(state)) redaction.addAll(secret);
    return state;
  }

  /** The state that the last preview started from: the rehearsal of its way back starts from the same. */
  let exported: Deployment | undefined;

  async function preview({ policiesFor }: Values["preview"], { stack, onEvent, events, onOutput }: Work) {
    // Exported first: what happens to the state from here on shows as another digest before the apply.
    exported = await exportState(stack);
    const digest = stateDigest(exported, maskKey);
    const policyPacks = policiesFor === undefined ? [] : [...configuration.policyPacks];
    if (policyPacks.length > 0) {
      const subject: PolicySubject = { ...policiesFor!, deployed: deployedResources(exported) };
      writeJson(file.policySubject(directory), subject);
    }
    const started = performance.now();
    await stack
      .preview({ refresh: true, onEvent, onOutput, onError: onOutput, policyPacks })
      // A mandatory violation fails the command, but the preview has said what it had to say.
      .catch((error) => {
        if (!events.some(({ policyEvent }) => policyEvent?.enforcementLevel === "mandatory")) throw error;
      });
    const preview = readPreview(events);
    const policyViolations = preview.policyViolations.map((text) => redaction.apply(text));
    return { ...preview, policyViolations, stateDigest: digest, seconds: (performance.now() - started) / 1000 };
  }

  async function rehearse({ workDir, expected }: Values["rehearse"], { stack, onEvent, events, onOutput }: Work) {
    const started = performance.now();
    const scratch = join(directory.path, "scratch");
    const state = withResources(exported ?? (await exportState(stack)), expected);
    try {
      writeScratchBackend(scratch, configuration.stack, state);
      const copy = await open(workDir, { PULUMI_BACKEND_URL: `file://${scratch}` });
      await copy.preview({ onEvent, onOutput, onError: onOutput });
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
    return { ...readPreview(events), drift: [], policyViolations: [], stateDigest: "", seconds: since(started) };
  }

  async function apply({ expectedState }: Values["apply"], { stack, onEvent, onOutput }: Work) {
    const started = performance.now();
    if (expectedState !== undefined && stateDigest(await exportState(stack), maskKey) !== expectedState)
      return { moved: true, seconds: since(started) };
    // A program that does not ask for a capacity does not look by itself.
    assertStillHolder();
    await stack.up({ refresh: true, showSecrets: false, onEvent, onOutput, onError: onOutput });
    return { moved: false, seconds: since(started) };
  }

  /** Pulumi notes the commit of the directory that an update was run in. */
  async function deployed(stack: Stack): Promise<string | null> {
    const [last] = await stack.history(1, 1, false);
    return last?.environment["git.head"] ?? null;
  }

  async function perform(request: RunnerRequest, work: Work): Promise<unknown> {
    switch (request.kind) {
      case "preview":
        return preview(request, work);
      case "rehearse":
        return rehearse(request, work);
      case "apply":
        return apply(request, work);
      case "deployed":
        return deployed(work.stack);
      case "cancel":
        await work.stack.cancel();
        return null;
      case "refresh":
        await work.stack.refresh({ showSecrets: false, clearPendingCreates: true, onEvent: work.onEvent });
        return null;
    }
  }

  return async (request, n) => {
    const started = performance.now();
    const events: EngineEvent[] = [];
    const sink = createWriteStream(file.events(directory, n), { mode: 0o600 });
    const onEvent = (event: EngineEvent) => {
      // Debug messages carry whole properties and are most of the volume.
      if ((event.diagnosticEvent?.severity as string | undefined) === "debug") return;
      events.push(event);
      sink.write(`${redaction.apply(JSON.stringify(event))}\n`);
    };
    try {
      const stack = await open(request.workDir);
      const value = await perform(request, { stack, onEvent, events, onOutput: (text) => log(redaction.apply(text)) });
      return { ok: true, value } as RunnerResult;
    } catch (error) {
      const { failure, message } = describeFailure(error, events);
      return { ok: false, failure, message: redaction.apply(message), seconds: since(started) };
    } finally {
      await new Promise((resolve) => sink.end(resolve));
    }
  };
}

/**
 * A file backend with one stack in it, written as Pulumi would write it. Two commands (`stack init`, `stack import`) would cost a second, and
 * `stack init` writes into the program's directory.
 */
function writeScratchBackend(path: string, stack: string, state: Deployment): void {
  const stacks = join(path, ".pulumi", "stacks", projectOf(state) ?? "project");
  mkdirSync(stacks, { recursive: true, mode: 0o700 });
  writeFileSync(join(path, ".pulumi", "meta.yaml"), "version: 1\n", { mode: 0o600 });
  const checkpoint = { stack: `organization/${projectOf(state)}/${stack}`, latest: state.deployment };
  writeFileSync(join(stacks, `${stack}.json`), JSON.stringify({ version: 3, checkpoint }), { mode: 0o600 });
}

function since(started: number): number {
  return (performance.now() - started) / 1000;
}
