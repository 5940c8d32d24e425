import type { HelmRelease } from "../../crds/helm-release";
import { ORIGINAL_FINALIZER } from "../drift/rancher-marks";
import { canBeNamespace } from "../kube/kinds";
import { canBeReleaseName, type ReleaseRef } from "../release/release";

/** Annotation that gives a HelmRelease to one controller name. Source: rancher/helm-locker. */
export const MANAGED_BY_ANNOTATION = "helmreleases.cattle.io/managed-by";

/** Lets the locker create or adopt objects that it never saw live under a release: on a HelmRelease, with the value "true". */
export const ALLOW_CREATE_ANNOTATION = "helmreleases.cattle.io/allow-create";

/** What a HelmRelease asks of this controller. */
export type Claim =
  /** It belongs to another controller name; report nothing about it. */
  | { readonly is: "foreign" }
  /** It is being deleted; `finalizer` is the index of the original's finalizer. */
  | { readonly is: "leaving"; readonly finalizer: number | undefined }
  /** Its spec names no release. */
  | { readonly is: "invalid"; readonly unclaimed: boolean; readonly reason: string }
  | { readonly is: "valid"; readonly unclaimed: boolean; readonly release: ReleaseRef };

/** Reads what a HelmRelease asks of the controller with this name. */
export function claimOf(helmRelease: HelmRelease, controllerName: string): Claim {
  const { annotations = {}, deletionTimestamp, finalizers = [] } = helmRelease.metadata;
  const owner = annotations[MANAGED_BY_ANNOTATION];
  if (owner !== undefined && owner !== controllerName) return { is: "foreign" };
  if (deletionTimestamp !== undefined) {
    const index = finalizers.indexOf(ORIGINAL_FINALIZER);
    return { is: "leaving", finalizer: index < 0 ? undefined : index };
  }
  return { ...readSpec(helmRelease.spec), unclaimed: owner === undefined };
}

function readSpec(
  spec: HelmRelease["spec"],
): { is: "valid"; release: ReleaseRef } | { is: "invalid"; reason: string } {
  const release = { name: spec?.release?.name ?? "", namespace: spec?.release?.namespace ?? "" };
  const reason = nameProblem(release.name) ?? namespaceProblem(release.namespace);
  return reason === undefined ? { is: "valid", release } : { is: "invalid", reason };
}

function nameProblem(name: string): string | undefined {
  if (name === "") return "spec.release.name is empty: name the Helm release to lock";
  if (!canBeReleaseName(name)) return `spec.release.name "${name}" can't be the name of a Helm release`;
  return undefined;
}

function namespaceProblem(namespace: string): string | undefined {
  if (namespace === "") return "spec.release.namespace is empty: name the namespace of the Helm release";
  if (!canBeNamespace(namespace))
    return `spec.release.namespace "${namespace}" can't be the name of a namespace`;
  return undefined;
}
