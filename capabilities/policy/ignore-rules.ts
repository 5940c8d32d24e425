import { RE2JS, RE2JSException } from "re2js";
import type { IgnoreSpec } from "../../crds/spec";
import { groupOf } from "../kube/kinds";
import { isObject, type KubeObject } from "../kube/object";
import type { Path } from "../kube/path";
import { parsePointer, PathError } from "../kube/path-text";
import { PolicyError } from "./policy-error";
import { readSelector } from "./selector";

/** What of which objects is left as it is. */
export interface IgnoreRule {
  /** Where it stands: "spec.driftDetection.ignore[0]". */
  readonly field: string;
  /** Whether it is about an object, as the manifest has it. */
  readonly covers: (desired: KubeObject) => boolean;
  /** Undefined: wherever the managers have written. No step: the whole object. */
  readonly paths: readonly Path[] | undefined;
  /** Whose it is; undefined: anybody's. */
  readonly managers: ReadonlySet<string> | undefined;
}

type Condition = (desired: KubeObject) => boolean;

/** @throws PolicyError */
export function readRules(rules: readonly IgnoreSpec[]): IgnoreRule[] {
  return rules.map((rule, index) => readRule(`spec.driftDetection.ignore[${index}]`, rule));
}

function readRule(field: string, { paths = [], managedFieldsManagers = [], target }: IgnoreSpec): IgnoreRule {
  if (paths.length === 0 && managedFieldsManagers.length === 0)
    throw new PolicyError(`${field} ignores nothing: it needs paths or managedFieldsManagers`);
  const conditions = readTarget(`${field}.target`, target ?? {});
  return {
    field,
    covers: desired => conditions.every(holds => holds(desired)),
    paths:
      paths.length > 0 ? paths.map((path, index) => readPath(`${field}.paths[${index}]`, path)) : undefined,
    managers: managedFieldsManagers.length > 0 ? new Set(managedFieldsManagers) : undefined,
  };
}

function readPath(field: string, text: string): Path {
  try {
    return parsePointer(text);
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    throw new PolicyError(
      `${field} ${error.message}: write a JSON Pointer, as in "/spec/template/spec/containers/[name=proxy]/image"`,
    );
  }
}

function readTarget(field: string, target: NonNullable<IgnoreSpec["target"]>): Condition[] {
  const { group, version, kind, name, namespace, labelSelector, annotationSelector } = target;
  return [
    ...given(
      group,
      wanted =>
        ({ apiVersion }) =>
          groupOf(apiVersion) === wanted,
    ),
    ...given(
      version,
      wanted =>
        ({ apiVersion }) =>
          apiVersion.split("/").at(-1) === wanted,
    ),
    ...given(kind, wanted => object => object.kind === wanted),
    ...given(name, text => matching(`${field}.name`, text, ({ metadata }) => metadata.name)),
    ...given(namespace, text => matching(`${field}.namespace`, text, namespaceOf)),
    ...given(labelSelector, text => selecting(`${field}.labelSelector`, text, "labels")),
    ...given(annotationSelector, text => selecting(`${field}.annotationSelector`, text, "annotations")),
  ];
}

function given(text: string | undefined, read: (text: string) => Condition): Condition[] {
  return text === undefined ? [] : [read(text)];
}

function namespaceOf({ metadata: { namespace } }: KubeObject): string {
  return typeof namespace === "string" ? namespace : "";
}

/** RE2 takes time in proportion to the text, whatever the expression. */
function matching(field: string, text: string, of: (object: KubeObject) => string): Condition {
  try {
    const expression = RE2JS.compile(text);
    return object => expression.matches(of(object));
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new PolicyError(
      `${field} ${JSON.stringify(text)} is no regular expression as RE2 has them: ${error.message}`,
    );
  }
}

function selecting(field: string, text: string, of: "labels" | "annotations"): Condition {
  const selects = readSelector(field, text);
  return ({ metadata }) => {
    const values = metadata[of];
    return selects(isObject(values) ? values : {});
  };
}
