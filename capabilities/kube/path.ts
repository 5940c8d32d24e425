import { escapePointer, find, keysOf, positionIn, type FieldPath, type Found } from "./managed-fields";
import { isObject, own, type Json, type JsonObject, type KubeObject } from "./object";

/**
 * One step on the way to a field: a field of a map, the list item with this key, or any item. Written as in a JSON pointer (RFC 6901),
 * an item as `[key=value]`, or by its position, any item as `*`. In the catalogue, `name*` and `[key=value*]` stand for all that begin so.
 */
export type Step =
  | { readonly is: "field"; readonly name: string; readonly isPrefix?: boolean }
  | { readonly is: "item"; readonly key: string; readonly value: string; readonly isPrefix?: boolean }
  /** The list item that an element of managedFields stands for. */
  | { readonly is: "element"; readonly element: string }
  | { readonly is: "any" };

/** Where a field is, in any object of a kind: "/spec/template/spec/containers/[name=proxy]/resources". */
export type Path = readonly Step[];

/** Who has something of an object left to others. */
export type Origin =
  /** The chart, by what it says, or does not say. */
  | { readonly is: "chart" }
  /** An autoscaler that targets the object. */
  | { readonly is: "autoscaler" }
  /** An entry of the catalogue of known controllers, by its name. */
  | { readonly is: "known controller"; readonly entry: string }
  /** A rule of the HelmRelease, by where it stands: "spec.driftDetection.ignore[0]". */
  | { readonly is: "rule"; readonly field: string }
  /** The HelmRelease, which lets stand what others add. */
  | { readonly is: "additions" }
  /** The API server, which has refused to put it right. */
  | { readonly is: "refusal" };

/** What of an object is left to others: it stays as it is live, and the payload of every apply takes it over. */
export interface Left {
  readonly path: Path;
  readonly origin: Origin;
  /** Whose it is; anybody's where absent. */
  readonly by?: ((manager: string) => boolean) | undefined;
  /** Whether only what the chart says nothing of is left: an absent or an empty value. */
  readonly onlyEmpty?: boolean | undefined;
  /** Whether only what was added is left: what the chart leaves out, or has as null. */
  readonly onlyAdded?: boolean | undefined;
  /** Whether an apply also takes over what the chart says nothing of. */
  readonly isWhole?: boolean | undefined;
  /** What the chart says: by that it is judged, as the desired object may have taken over the live value. */
  readonly manifest?: KubeObject | undefined;
}

/**
 * Whether a field of managedFields is at the end of a path, or below it.
 *
 * @param object that has the field: managedFields tell of a list item only its keys
 */
export function leadsTo(path: Path, field: FieldPath, object: JsonObject = {}): boolean {
  return path.length <= field.length && path.every((step, index) => isStep(step, field, index, object));
}

/** Whether a path goes through a field of managedFields, and on inside it. @param object as above */
export function goesThrough(path: Path, field: FieldPath, object: JsonObject = {}): boolean {
  return (
    field.length < path.length && field.every((_, index) => isStep(path[index] ?? ANY, field, index, object))
  );
}

/** The path of one field of managedFields. */
export function pathOf(field: FieldPath): Path {
  return field.map(element =>
    element.startsWith("f:") ? { is: "field", name: element.slice("f:".length) } : { is: "element", element },
  );
}

/** Any item of a list, any field of a map. */
export const ANY: Step = { is: "any" };

/** Whether a step is the one at some depth of a field. */
function isStep(step: Step, field: FieldPath, depth: number, object: JsonObject): boolean {
  const element = field[depth] ?? "";
  switch (step.is) {
    case "any":
      return true;
    case "element":
      return element === step.element;
    case "field":
      return element.startsWith("f:")
        ? isField(element.slice("f:".length), step)
        : isPosition(step) &&
            find(object, field.slice(0, depth + 1))?.pointer.endsWith(`/${step.name}`) === true;
    case "item":
      return isOfItem(step, field.slice(0, depth + 1), object);
  }
}

/** Whether the item of a step is what is at a field, by its keys in managedFields or by all that it holds. */
function isOfItem(step: Extract<Step, { is: "item" }>, field: FieldPath, object: JsonObject): boolean {
  const element = field.at(-1) ?? "";
  if (element.startsWith("f:")) return false;
  return isNamed(element, step) ?? isItem(find(object, field)?.value, step);
}

/** Whether an element of managedFields is the item of a step; undefined where it does not tell. */
function isNamed(element: string, step: Extract<Step, { is: "item" }>): boolean | undefined {
  const keys = keysOf(element);
  return Object.hasOwn(keys, step.key) ? isItem(keys, step) : undefined;
}

/** Whether a step can be the position of a list item. */
function isPosition({ name, isPrefix }: Extract<Step, { is: "field" }>): boolean {
  return isPrefix !== true && /^(0|[1-9]\d*)$/.test(name);
}

/** Whether a field of a map is one that a step names. */
function isField(name: string, step: Extract<Step, { is: "field" }>): boolean {
  return step.isPrefix === true ? name.startsWith(step.name) : name === step.name;
}

/** Whether a list item is one that a step names. */
export function isItem(item: unknown, { key, value, isPrefix }: Extract<Step, { is: "item" }>): boolean {
  const actual = isObject(item) ? own(item, key) : undefined;
  if (actual === undefined || typeof actual === "object") return false;
  return isPrefix === true ? String(actual).startsWith(value) : String(actual) === value;
}

/** The items of a list that a step names, by their positions. */
export function positionsOf(items: readonly Json[], step: Step): number[] {
  switch (step.is) {
    case "any":
      return [...items.keys()];
    case "element":
      return among(items, positionIn(items, step.element));
    case "field":
      return isPosition(step) ? among(items, Number(step.name)) : [];
    case "item":
      return [...items.keys()].filter(index => isItem(items[index], step));
  }
}

function among(items: readonly Json[], position: number): number[] {
  return position >= 0 && position < items.length ? [position] : [];
}

/** The fields of a map that a step names. */
export function fieldsOf(map: JsonObject, step: Step): string[] {
  if (step.is === "any") return Object.keys(map);
  if (step.is !== "field") return [];
  if (step.isPrefix === true) return Object.keys(map).filter(name => isField(name, step));
  return Object.hasOwn(map, step.name) ? [step.name] : [];
}

/**
 * A path in which each position of a named list item gives way to its name, so that it means the same item wherever that is.
 *
 * @param object whose positions are meant
 */
export function byName(path: Path, object: JsonObject): Path {
  let value: Json | undefined = object;
  return path.map(step => {
    if (!Array.isArray(value)) {
      value = isObject(value) && step.is === "field" ? own(value, step.name) : undefined;
      return step;
    }
    const [position] = step.is === "any" ? [] : positionsOf(value, step);
    value = position === undefined ? undefined : value[position];
    const name = isObject(value) ? value.name : undefined;
    return step.is === "field" && typeof name === "string" ? { is: "item", key: "name", value: name } : step;
  });
}

/** What an object has at a path: one value for each item and field that it names. */
export function valuesAt(value: Json, path: Path): Json[] {
  return foundAt(value, path).map(found => found.value);
}

/** The same, with the JSON pointers to them. */
export function foundAt(value: Json, [step, ...rest]: Path, pointer = ""): Found[] {
  if (step === undefined) return [{ pointer, value }];
  return stepsInto(value, step).flatMap(([key, inner]) =>
    foundAt(inner, rest, `${pointer}/${escapePointer(key)}`),
  );
}

/** Whether a value has anything at a path. */
export function hasAt(value: Json, path: Path, depth = 0): boolean {
  const step = path[depth];
  if (step === undefined) return true;
  if (isObject(value) && step.is === "field" && step.isPrefix !== true) {
    const inner = own(value, step.name);
    return inner !== undefined && hasAt(inner, path, depth + 1);
  }
  return stepsInto(value, step).some(([, inner]) => hasAt(inner, path, depth + 1));
}

function stepsInto(value: Json, step: Step): [key: string, inner: Json][] {
  if (Array.isArray(value))
    return positionsOf(value, step).map(position => [String(position), value[position] ?? null]);
  return isObject(value) ? fieldsOf(value, step).map(name => [name, value[name] ?? null]) : [];
}
