import { stringify } from "yaml";
import * as z from "zod";
import packageJson from "../package.json";

/** The version of the locker that installed a CRD: a newer locker replaces the CRD, an older one leaves it. */
export const CRD_VERSION_ANNOTATION = "helmreleases.cattle.io/crd-version";

/** What the definition of a kind with a status says. */
interface Described {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: string[];
  readonly columns: ReturnType<typeof column>[];
  readonly description: string;
  readonly spec: z.ZodType;
  readonly status: z.ZodType;
  /** Of the whole object. */
  readonly required?: string[];
  readonly "x-kubernetes-validations"?: readonly { readonly rule: string; readonly message: string }[];
}

/** The definition of a namespaced kind that people write, with a status. */
export function define({ shortNames, columns, spec, status, ...described }: Described) {
  const { group, version, kind, plural, ...schema } = described;
  return definitionOf(
    { group, version, kind, plural },
    { ...schema, type: "object", properties: { spec: property(spec), status: property(status) } },
    {
      names: { shortNames, categories: ["helm"] },
      serving: { subresources: { status: {} }, additionalPrinterColumns: columns },
    },
  );
}

/**
 * The definition of a namespaced kind in its only version.
 *
 * @param schema of its objects, in OpenAPI's form
 * @param more what else its names, and its version, have
 */
export function definitionOf<Schema extends object>(
  { group, version, kind, plural }: Pick<Described, "group" | "version" | "kind" | "plural">,
  schema: Schema,
  more: { readonly names?: object; readonly serving?: object } = {},
) {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${group}`,
      annotations: { [CRD_VERSION_ANNOTATION]: packageJson.version },
    },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), ...more.names },
      scope: "Namespaced",
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          ...more.serving,
          schema: { openAPIV3Schema: schema },
        },
      ],
    },
  };
}

/** A definition that the locker brings. */
export type Definition = ReturnType<typeof define>;

/** A column that kubectl prints. @param priority above 0: with `-o wide` only */
export function column(name: string, jsonPath: string, type = "string", priority = 0) {
  return { name, type, jsonPath, ...(priority > 0 && { priority }) };
}

function property(schema: z.ZodType) {
  return z.toJSONSchema(schema, { target: "openapi-3.0", io: "input" });
}

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

/** The name of a definition's file in crds/. */
export function fileOf({ metadata: { name } }: Definition): string {
  return `${name}.yaml`;
}

/** The content of that file. */
export function yamlOf(definition: Definition): string {
  const header = "# Written by crds/write.ts from the schemas next to it: change it there.\n";
  return header + stringify(definition, { lineWidth: 0 });
}
