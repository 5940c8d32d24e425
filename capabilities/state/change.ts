import { comparedAt } from "../drift/field-values";
import { refOf } from "../kube/kinds";
import { isObject, type Json, type KubeObject } from "../kube/object";
import { recordable } from "../policy/policy";
import { MOST, type Change, type FieldValues } from "./history";
import type { Tracked } from "./lock";

/** How many characters of a value are recorded. */
const MOST_OF_VALUE = 64;

/** What kubectl apply keeps of a whole object. */
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** A change as it was found. */
interface Found extends Pick<Change, "operation" | "fields" | "by" | "action" | "tookMs"> {
  /** The object with the change; undefined if it was gone. */
  readonly live: KubeObject | undefined;
}

/** A change of a tracked object, with as much of it as the policy in effect lets be recorded. */
export function changeOf({ desired, lock }: Tracked, { live, ...found }: Found): Change {
  const { recordDiff } = lock.policy;
  const { name, namespace } = refOf(desired);
  return {
    ...found,
    object: { kind: desired.kind, namespace, name },
    fields: recordable(found.fields, lock.policy),
    values: recordDiff === "Values" && live ? valuesOf(desired, live, found.fields) : [],
  };
}

/** Never those of a Secret, nor of an annotation that holds a whole object. */
function valuesOf(desired: KubeObject, live: KubeObject, fields: readonly string[]): FieldValues[] {
  if (desired.kind === "Secret") return [];
  const [chart, actual] = [withoutLastApplied(desired), withoutLastApplied(live)];
  return fields.slice(0, MOST.fields).map(field => {
    const compared = comparedAt(chart, actual, field);
    return {
      field: field.slice(0, MOST.characters),
      chart: textOf(compared.desired),
      live: textOf(compared.live),
    };
  });
}

function withoutLastApplied(object: KubeObject): KubeObject {
  const { annotations } = object.metadata;
  if (!isObject(annotations) || !Object.hasOwn(annotations, LAST_APPLIED)) return object;
  const others = Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== LAST_APPLIED));
  return { ...object, metadata: { ...object.metadata, annotations: others } };
}

function textOf(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === "string" ? value : JSON.stringify(value, bigAsText);
  return text.length > MOST_OF_VALUE ? `${text.slice(0, MOST_OF_VALUE - 1)}…` : text;
}

function bigAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
