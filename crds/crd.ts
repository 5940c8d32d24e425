import { stringify } from "yaml";
import * as z from "zod";
import packageJson from "../package.json";
import { helmReleaseKind, specSchema, statusSchema } from "./helm-release";

const { group, version, kind, plural } = helmReleaseKind;

/** The version of the locker that a CRD came with: a newer locker brings its own, an older one leaves it. */
export const CRD_VERSION_ANNOTATION = "helmreleases.cattle.io/crd-version";

function property(schema: z.ZodType) {
  return z.toJSONSchema(schema, { target: "openapi-3.0", io: "input" });
}

function column(name: string, jsonPath: string, type = "string") {
  return { name, type, jsonPath };
}

/** The CustomResourceDefinition of HelmRelease: a superset of the v1alpha1 of Rancher's helm-locker. */
export const helmReleaseCrd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: {
    name: `${plural}.${group}`,
    annotations: { [CRD_VERSION_ANNOTATION]: packageJson.version },
  },
  spec: {
    group,
    // "hr" is Flux's HelmRelease.
    names: {
      kind,
      listKind: `${kind}List`,
      plural,
      singular: "helmrelease",
      shortNames: ["hrl"],
      categories: ["helm"],
    },
    scope: "Namespaced",
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [
          column("Release Name", ".spec.release.name"),
          column("Release Namespace", ".spec.release.namespace"),
          column("Version", ".status.version", "integer"),
          column("State", ".status.state"),
          column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
          column("Age", ".metadata.creationTimestamp", "date"),
        ],
        schema: {
          openAPIV3Schema: {
            description:
              "Locks the objects of one Helm release: every change that Helm did not make is reverted.",
            type: "object",
            properties: { spec: property(specSchema), status: property(statusSchema) },
          },
        },
      },
    ],
  },
};

/** The CRD as the file helmreleases.helm.cattle.io.yaml holds it. */
export function helmReleaseCrdYaml(): string {
  const header = "# Written by crds/write.ts from crds/helm-release.ts: change it there.\n";
  return header + stringify(helmReleaseCrd, { lineWidth: 0 });
}
