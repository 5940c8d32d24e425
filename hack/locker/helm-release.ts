import { z } from "zod";
import { collection, type Body, type KubeObject } from "../lib/objects";
import { until, Watch } from "../lib/watch";
import { inTime, STATUS } from "./in-time";
import { NAMESPACE, type Testbed } from "./testbed";

/** The namespace in which HelmReleases count. */
export const REGISTRATION_NAMESPACE = "cattle-helm-system";

/** The annotation with which a controller claims a HelmRelease. */
export const CLAIM = "helmreleases.cattle.io/managed-by";

const status = z.object({
  state: z.string().optional(),
  mode: z.string().optional(),
  version: z.number().optional(),
  description: z.string().optional(),
  notes: z.string().optional(),
  ignored: z.number().optional(),
  objects: z
    .object({ tracked: z.number(), drifted: z.number(), ignored: z.number(), blocked: z.number() })
    .optional(),
  drift: z
    .array(
      z.object({
        object: z.string(),
        fields: z.array(z.string()),
        by: z.array(z.string()),
        since: z.string(),
        why: z.string(),
      }),
    )
    .default([]),
  observedGeneration: z.number().optional(),
  conditions: z
    .array(z.object({ type: z.string(), status: z.string(), reason: z.string(), message: z.string() }))
    .default([]),
});
const involved = z.object({
  reason: z.string(),
  message: z.string().default(""),
  involvedObject: z.object({ name: z.string() }),
});

/** The release that a HelmRelease names, what else its spec says, and further metadata of its own. */
export interface Target {
  release?: string;
  namespace?: string;
  spec?: Body;
  metadata?: Body;
}

/** What a HelmRelease says about its lock. */
export type Status = z.infer<typeof status>;

/** Path of a HelmRelease. */
export function helmReleasePath(name: string, namespace = REGISTRATION_NAMESPACE): string {
  return `${collection("helm.cattle.io/v1alpha1", "helmreleases", namespace)}/${name}`;
}

/** A HelmRelease; by default, it names the release with its own name in {@link NAMESPACE}. */
export function helmRelease(
  name: string,
  { release = name, namespace = NAMESPACE, spec = {}, metadata = {} }: Target = {},
): Body {
  return {
    apiVersion: "helm.cattle.io/v1alpha1",
    kind: "HelmRelease",
    metadata: { ...metadata, name },
    spec: { ...spec, release: { name: release, namespace } },
  };
}

/** Creates a HelmRelease of any shape. */
export async function register(
  testbed: Testbed,
  body: Body,
  namespace = REGISTRATION_NAMESPACE,
): Promise<KubeObject> {
  return testbed.api.create(collection("helm.cattle.io/v1alpha1", "helmreleases", namespace), body);
}

/** Locks a release and waits until it is locked. */
export async function lock(
  testbed: Testbed,
  name: string,
  target: Target = {},
  bound = STATUS,
): Promise<Status> {
  await register(testbed, helmRelease(name, target));
  return isLocked(testbed, name, bound);
}

/** Waits until a HelmRelease says that its release is deployed, locked and without problems. */
export async function isLocked(testbed: Testbed, name: string, bound = STATUS): Promise<Status> {
  return untilStatus(testbed, name, saysLocked, bound);
}

/** Whether a status says that the release is deployed, locked and without problems. */
export function saysLocked({ state, conditions }: Status): boolean {
  const fine = conditions.filter(({ status, reason }) => status === "True" && reason === "Locked");
  return state === "Deployed" && fine.length === 2;
}

/** Waits until a HelmRelease says that its release is unlocked, with a state and a reason. */
export async function isUnlocked(
  testbed: Testbed,
  name: string,
  state: string,
  reason = state,
): Promise<Status> {
  return untilStatus(testbed, name, seen => isWithout(seen, state, reason));
}

function isWithout(seen: Status, state: string, reason: string): boolean {
  return seen.state === state && says(seen, "Locked", "False", reason);
}

/** Waits until a HelmRelease says that it does what its spec says, which is not to lock. @param reason of its conditions */
export async function isAtRest(
  testbed: Testbed,
  name: string,
  reason: "Suspended" | "Disabled" | "Warn",
): Promise<Status> {
  return untilStatus(
    testbed,
    name,
    seen => says(seen, "Ready", "True", reason) && says(seen, "Locked", "False", reason),
  );
}

/** Whether a status has a condition with this status and reason. */
export function says({ conditions }: Status, type: string, status: string, reason: string): boolean {
  return conditions.some(one => one.type === type && one.status === status && one.reason === reason);
}

/** Changes the spec of a HelmRelease. */
export async function ask(testbed: Testbed, name: string, spec: Body): Promise<void> {
  await testbed.api.edit(helmReleasePath(name), { spec });
}

/** Waits until a HelmRelease says that its spec can't be followed. @returns what it says about it */
export async function saysInvalid(testbed: Testbed, name: string): Promise<string> {
  const { conditions } = await untilStatus(testbed, name, seen =>
    says(seen, "Ready", "False", "InvalidSpec"),
  );
  return conditions.find(({ type }) => type === "Ready")?.message ?? "";
}

/** Waits until a HelmRelease says that its release is locked except for some objects, and returns what it says about them. */
export async function hasProblems(
  testbed: Testbed,
  name: string,
  isSaid: (message: string) => boolean = () => true,
  bound = STATUS,
): Promise<string> {
  const saysSo = (status: Status): boolean =>
    ["Locked", "Ready"].every(type => {
      const found = status.conditions.find(one => one.type === type);
      return type === "Locked"
        ? found?.status === "True"
        : found?.status === "False" && found.reason === "Problems" && isSaid(found.message);
    });
  const { conditions } = await untilStatus(testbed, name, saysSo, bound);
  return conditions.find(({ type }) => type === "Ready")?.message ?? "";
}

/**
 * Waits for a status of a HelmRelease's current generation, as long as the locker promises to take.
 *
 * @param bound of the promise, in milliseconds. @default that of a healthy cluster
 */
export async function untilStatus(
  testbed: Testbed,
  name: string,
  predicate: (status: Status) => boolean,
  bound = STATUS,
): Promise<Status> {
  const path = helmReleasePath(name);
  const found = until(testbed.api, path, object => {
    const seen = statusOf(object);
    return seen.observedGeneration === object?.metadata.generation && predicate(seen);
  });
  return statusOf(await inTime(testbed, path, found, bound));
}

/** The status of a HelmRelease; empty if it has none. */
export function statusOf(object: KubeObject | undefined): Status {
  return status.parse(object?.status ?? {});
}

/** Waits for an Event about a HelmRelease. @param says what is in its message */
export async function hasEvent(testbed: Testbed, name: string, reason: string, says = ""): Promise<void> {
  const watch = await Watch.open(testbed.api, collection("v1", "events", REGISTRATION_NAMESPACE));
  try {
    await watch.until(
      events =>
        [...events.values()].some(object => {
          const event = involved.parse(object);
          const isAbout = event.reason === reason && event.involvedObject.name === name;
          return isAbout && event.message.includes(says);
        }),
      `an Event ${reason} of ${name}`,
    );
  } finally {
    watch.close();
  }
}

/**
 * Waits until the locker has dealt with every earlier change of HelmReleases: it reacts to two further ones, which
 * follow in the same stream.
 */
export async function helmReleasesSettled(testbed: Testbed, bound?: number): Promise<void> {
  for (const marker of ["marker-1", "marker-2"]) {
    await register(testbed, helmRelease(marker, { release: "never-installed" }));
    await untilStatus(testbed, marker, seen => isWithout(seen, "SecretNotFound", "SecretNotFound"), bound);
    await testbed.api.delete(helmReleasePath(marker));
  }
}
