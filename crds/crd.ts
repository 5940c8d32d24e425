import { stringify } from "yaml";
import * as z from "zod";
import packageJson from "../package.json";
import { helmReleaseKind, statusSchema } from "./helm-release";
import { specSchema } from "./spec";

const { group, version, kind, plural } = helmReleaseKind;

/** The version of the locker that installed a CRD: a newer locker replaces the CRD, an older one leaves it. */
export const CRD_VERSION_ANNOTATION = "helmreleases.cattle.io/crd-version";

function property(schema: z.ZodType) {
  return z.toJSONSchema(schema, { target: "openapi-3.0", io: "input" });
}

function column(name: string, jsonPath: string, type = "string", priority = 0) {
  return { name, type, jsonPath, ...(priority > 0 && { priority }) };
}

/** The CRD of HelmRelease: a superset of the v1alpha1 of Rancher's helm-locker. */
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
          column("Mode", ".status.mode"),
          column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
          column("Drifted", '.status.conditions[?(@.type=="Drifted")].status'),
          column("Last Drift", ".status.history[0].time", "date"),
          // Shown by `-o wide` only.
          column("Ignored", ".status.ignored", "integer", 1),
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

/** Whether a CRD is of an older version than this locker's, according to its annotations; a CRD without a version is. */
export function isOutdated(annotations: unknown): boolean {
  const { data } = versionSchema.safeParse(annotations);
  const served = versionOf(data?.[CRD_VERSION_ANNOTATION] ?? "");
  const ours = versionOf(packageJson.version);
  const differing = ours.findIndex((number, index) => number !== served[index]);
  return differing !== -1 && (ours[differing] ?? 0) > (served[differing] ?? 0);
}

const versionSchema = z.object({ [CRD_VERSION_ANNOTATION]: z.string() });

/** Major, minor and patch; zeros if the text is no version. */
function versionOf(text: string): number[] {
  const [, ...numbers] = /^(\d+)\.(\d+)\.(\d+)/.exec(text) ?? [];
  return numbers.length === 3 ? numbers.map(Number) : [0, 0, 0];
}

/** The content of the file helmreleases.helm.cattle.io.yaml. */
export function helmReleaseCrdYaml(): string {
  const header = "# Written by crds/write.ts from crds/helm-release.ts: change it there.\n";
  return header + stringify(helmReleaseCrd, { lineWidth: 0 });
}
