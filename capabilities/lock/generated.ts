import { isDeepStrictEqual } from "node:util";
import type { HelmRelease } from "../../crds/helm-release";
import type { LockerPolicyObject } from "../../crds/helm-locker-policy";
import { hexDigestOf } from "../kube/digest";
import { isObject } from "../kube/object";
import type { LockerPolicy } from "../policy/locker-policy";
import { releaseKey, type ReleaseRef } from "../release/release";
import { MANAGED_BY_ANNOTATION, POLICY_LABEL, policyLabelOf } from "../state/claim";
import { HELM_RELEASES } from "../state/helm-releases";
import { LOCKER_POLICIES } from "../state/locker-policies";

/** Annotation of a HelmRelease that a policy made: stands for all that the policy has said of it. */
const TEMPLATE_ANNOTATION = "helmreleases.cattle.io/policy-template";

/** A policy, and the object that it was read from. */
interface Source {
  readonly policy: LockerPolicy;
  readonly object: LockerPolicyObject;
  readonly controllerName: string;
}

/** The names that a HelmRelease of a policy may have for a release: no namespace has a dot, so that no other release has the first one. The second is for where somebody else's has the first. */
export function generatedNames(release: ReleaseRef): [first: string, second: string] {
  const name = `${release.namespace}.${release.name}`;
  return [name, `${name}-${hexDigestOf(releaseKey(release), 8)}`];
}

/** The HelmReleases that policies have made for a release, whatever they say now. */
export function generatedFor(
  release: ReleaseRef,
  find: (name: string) => HelmRelease | undefined,
): HelmRelease[] {
  return generatedNames(release).flatMap(name => {
    const helmRelease = find(name);
    return helmRelease && policyLabelOf(helmRelease) !== undefined ? helmRelease : [];
  });
}

/** The HelmRelease that a policy asks for. */
export function generate(name: string, release: ReleaseRef, { policy, object, controllerName }: Source) {
  const { namespace, uid = "" } = object.metadata;
  const spec = { release: { name: release.name, namespace: release.namespace }, ...policy.template };
  const owner = {
    apiVersion: LOCKER_POLICIES.apiVersion,
    kind: LOCKER_POLICIES.kind,
    name: policy.name,
    uid,
    controller: true,
    blockOwnerDeletion: false,
  };
  return {
    apiVersion: HELM_RELEASES.apiVersion,
    kind: HELM_RELEASES.kind,
    metadata: {
      name,
      namespace,
      labels: { [POLICY_LABEL]: policy.name },
      annotations: {
        [MANAGED_BY_ANNOTATION]: controllerName,
        [TEMPLATE_ANNOTATION]: hexDigestOf(JSON.stringify([uid, spec]), 16),
      },
      ownerReferences: [owner],
    },
    spec,
  };
}

export type Generated = ReturnType<typeof generate>;

/** Whether a HelmRelease says all that its policy asks for: people may have added to it. */
export function isGenerated(live: HelmRelease, { metadata, spec }: Generated): boolean {
  const { labels, annotations } = live.metadata;
  return says(
    { labels, annotations, spec: live.spec },
    { labels: metadata.labels, annotations: metadata.annotations, spec },
  );
}

/** Whether all that is wanted is there. */
function says(live: unknown, wanted: unknown): boolean {
  if (!isObject(wanted)) return isDeepStrictEqual(live, wanted);
  return isObject(live) && Object.entries(wanted).every(([key, value]) => says(live[key], value));
}
