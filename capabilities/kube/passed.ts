import { stepInto, type FieldPath, type FieldSet, type Found } from "./managed-fields";
import { isObject, type JsonObject } from "./object";

/** A step of a set of fields on its way through an object. */
export interface Passed {
  readonly path: FieldPath;
  /** Where the step leads from. */
  readonly from: Found;
  /** Where it leads; undefined if that is not there. */
  readonly to: Found | undefined;
}

/** Every step of a set as far as it leads in an object: what many paths go through is looked for once. */
export function passedIn(
  object: JsonObject,
  fields: FieldSet,
  from: Found = { pointer: "", value: object },
  at: FieldPath = [],
): Passed[] {
  return Object.entries(fields).flatMap(([step, below]) => {
    if (step === ".") return [];
    const passed = { path: [...at, step], from, to: stepInto(from, step) };
    return passed.to && isObject(below)
      ? [passed, ...passedIn(object, below, passed.to, passed.path)]
      : [passed];
  });
}

/** Whether a step leads to a list item. */
export function isOfList({ path }: Pick<Passed, "path">): boolean {
  return path.at(-1)?.startsWith("f:") === false;
}
