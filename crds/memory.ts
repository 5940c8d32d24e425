import { CRD_VERSION_ANNOTATION } from "./definition";
import { helmReleaseKind } from "./helm-release";
import packageJson from "../package.json";

const { group, version } = helmReleaseKind;

/** The API's names for what the locker remembers of a HelmRelease. */
export const memoryKind = {
  group,
  version,
  kind: "HelmReleaseMemory",
  plural: "helmreleasememories",
} as const;

const { kind, plural } = memoryKind;

/**
 * The CRD of HelmReleaseMemory. It is a kind of its own, because Kubernetes' roles edit and admin may write every Secret and ConfigMap, and no
 * role may write this one. Says nothing of its content, which is for no reader but the locker, which reads nothing of another form.
 */
export const memoryCrd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: {
    name: `${plural}.${group}`,
    annotations: { [CRD_VERSION_ANNOTATION]: packageJson.version },
  },
  spec: {
    group,
    names: { kind, listKind: `${kind}List`, plural, singular: "helmreleasememory" },
    scope: "Namespaced",
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            description:
              "What the Helm locker remembers of what the HelmRelease of the same name locks. Not to be written by hand.",
            type: "object",
            properties: { spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
          },
        },
      },
    ],
  },
};
