import assert from "node:assert/strict";
import { z } from "zod";
import { collection, type Body, type KubeObject } from "../../hack/lib/objects";
import { until } from "../../hack/lib/watch";
import { helmReleasePath, REGISTRATION_NAMESPACE, untilStatus } from "../../hack/locker/helm-release";
import { becomes } from "./changes";
import { inTime, STATUS } from "./in-time";
import { NAMESPACE, type Room } from "./room";

const POLICIES = collection("helm.cattle.io/v1alpha1", "helmlockerpolicies", REGISTRATION_NAMESPACE);

const statusSchema = z.object({
  matched: z.number().optional(),
  locked: z.number().optional(),
  differed: z.number().optional(),
  conditions: z.array(z.object({ status: z.string(), reason: z.string(), message: z.string() })).default([]),
  observedGeneration: z.number().optional(),
});

/** What a HelmLockerPolicy says of itself. */
export type PolicyStatus = z.infer<typeof statusSchema>;

/** Path of a HelmLockerPolicy. */
export function policyPath(name: string): string {
  return `${POLICIES}/${name}`;
}

/** A HelmLockerPolicy of any shape. @param more beside the releases and the template, or in the place of these */
export function lockerPolicy(name: string, releases: Body, more: Body = {}): Body {
  const template = { driftDetection: { mode: "enabled" } };
  return {
    apiVersion: "helm.cattle.io/v1alpha1",
    kind: "HelmLockerPolicy",
    metadata: { name },
    spec: { releases, template, ...more },
  };
}

/** Creates a HelmLockerPolicy. */
export async function makePolicy(room: Room, body: Body): Promise<KubeObject> {
  return room.api.create(POLICIES, body);
}

/** Path of the HelmRelease that a policy makes for a release. */
export function madePath(release: string, namespace = NAMESPACE): string {
  return helmReleasePath(madeName(release, namespace));
}

/** Its name. */
export function madeName(release: string, namespace = NAMESPACE): string {
  return `${namespace}.${release}`;
}

/** Waits, as long as the locker promises to take, until a policy has made the HelmRelease of a release. */
export async function isMade(
  room: Room,
  release: string,
  policy: string,
  namespace = NAMESPACE,
): Promise<KubeObject> {
  const isBy = (object: KubeObject | undefined) => policyOf(object) === policy;
  const made = await becomes(room, madePath(release, namespace), isBy);
  assert.ok(made);
  return made;
}

/** Waits, as long as the locker promises to take, until policies have no HelmRelease for a release. */
export async function isUnmade(room: Room, release: string, namespace = NAMESPACE): Promise<void> {
  await becomes(room, madePath(release, namespace), object => object === undefined);
}

/** Waits until the HelmRelease that a policy made says that its release is deployed. */
export async function isDeployed(room: Room, release: string): Promise<void> {
  await untilStatus(room, madeName(release), ({ state }) => state === "Deployed");
}

/** The policy that a HelmRelease says it is of. */
export function policyOf(object: KubeObject | undefined): string | undefined {
  return object?.metadata.labels?.["helmreleases.cattle.io/policy"];
}

/** Waits until a policy says something of its current generation. */
export async function policySays(
  room: Room,
  name: string,
  isIt: (status: PolicyStatus) => boolean,
  bound = STATUS,
): Promise<PolicyStatus> {
  const path = policyPath(name);
  const found = until(room.api, path, object => {
    const seen = statusSchema.parse(object?.status ?? {});
    return seen.observedGeneration === object?.metadata.generation && isIt(seen);
  });
  const object = await inTime(room, path, found, bound);
  return statusSchema.parse(object?.status);
}

/** Waits until the only condition of a policy has a reason. @returns its message */
export async function policyIs(room: Room, name: string, reason: string): Promise<string> {
  const { conditions } = await policySays(room, name, ({ conditions: [ready] }) => ready?.reason === reason);
  return conditions[0]?.message ?? "";
}
