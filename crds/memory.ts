import { definitionOf } from "./definition";
import { helmReleaseKind } from "./helm-release";

const { group, version } = helmReleaseKind;

/** The API's names for what the locker remembers of a HelmRelease. */
export const memoryKind = {
  group,
  version,
  kind: "HelmReleaseMemory",
  plural: "helmreleasememories",
} as const;

/**
 * The CRD of HelmReleaseMemory. It is a kind of its own, because Kubernetes' roles edit and admin may write every Secret and ConfigMap, and no
 * role may write this one. Says nothing of its content, which is for no reader but the locker, which reads nothing of another form.
 */
export const memoryCrd = definitionOf(memoryKind, {
  description:
    "What the Helm locker remembers of what the HelmRelease of the same name locks. Not to be written by hand.",
  type: "object",
  properties: { spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
});
