import { escapePointer, unescapePointer, type FieldPath, type Found } from "./managed-fields";
import { isObject, own, type Json, type KubeObject } from "./object";

/**
 * One step on the way to a field: a field of a map, the list item with this key, or any item. Written as in a JSON pointer (RFC 6901),
 * an item as `[key=value]`, any item as `*`; `name*` and `[key=value*]` stand for all that begin so.
 */
export type Step =
  | { readonly is: "field"; readonly name: string; readonly isPrefix?: boolean }
  | { readonly is: "item"; readonly key: string; readonly value: string; readonly isPrefix?: boolean }
  | { readonly is: "any" };

/** Where a field is, in any object of a kind: "/spec/template/spec/containers/[name=proxy]/resources". */
export type Path = readonly Step[];

/** What of an object is left to others: it stays as it is live, and the payload of every apply takes it over. */
export interface Left {
  readonly path: Path;
  /** Whose it is; anybody's where absent. */
  readonly by?: ((manager: string) => boolean) | undefined;
  /** Whether only what the chart says nothing of is left: an absent or an empty value. */
  readonly onlyEmpty?: boolean | undefined;
  /** Whether an apply also takes over what the chart says nothing of. */
  readonly isWhole?: boolean | undefined;
  /** What the chart says: by that it is judged, as the desired object may have taken over the live value. */
  readonly manifest?: KubeObject | undefined;
}

/** A path that can't be read. The message says why. */
export class PathError extends Error {
  override readonly name = "PathError";
}

const ITEM = /^\[([^=\]]+)=(.+)\]$/;

/** @throws PathError */
export function parsePath(text: string): Path {
  if (text === "") return [];
  if (!text.startsWith("/")) throw new PathError(`${JSON.stringify(text)} does not begin with /`);
  return text.slice(1).split("/").map(stepOf);
}

function stepOf(text: string): Step {
  const plain = unescapePointer(text);
  if (plain === "*") return { is: "any" };
  const [, key, value] = ITEM.exec(plain) ?? [];
  if (key !== undefined && value !== undefined) {
    const beginning = beginningOf(value);
    return beginning === undefined
      ? { is: "item", key, value }
      : { is: "item", key, value: beginning, isPrefix: true };
  }
  const beginning = beginningOf(plain);
  return beginning === undefined
    ? { is: "field", name: plain }
    : { is: "field", name: beginning, isPrefix: true };
}

/** What comes before a star; undefined where none ends the text, or nothing is before it. */
function beginningOf(text: string): string | undefined {
  return text.length > 1 && text.endsWith("*") ? text.slice(0, -1) : undefined;
}

/** Whether a field of managedFields is at the end of a path, or below it. */
export function leadsTo(path: Path, field: FieldPath): boolean {
  return path.length <= field.length && path.every((step, index) => isStep(step, field[index] ?? ""));
}

/** Whether a path goes through a field of managedFields, and on inside it. */
export function goesThrough(path: Path, field: FieldPath): boolean {
  return field.length < path.length && field.every((element, index) => isStep(path[index] ?? ANY, element));
}

/** The path of one field of managedFields. */
export function pathOf(field: FieldPath): Path {
  return field.map((element): Step => {
    if (element.startsWith("f:")) return { is: "field", name: element.slice("f:".length) };
    const [[key, value] = []] = element.startsWith("k:")
      ? Object.entries(JSON.parse(element.slice(2)) as object)
      : [];
    return key === undefined ? ANY : { is: "item", key, value: String(value) };
  });
}

/** Any item of a list, any field of a map. */
export const ANY: Step = { is: "any" };

function isStep(step: Step, element: string): boolean {
  switch (step.is) {
    case "any":
      return true;
    case "field":
      return element.startsWith("f:") && isField(element.slice("f:".length), step);
    case "item":
      return element.startsWith("k:") && isItem(JSON.parse(element.slice(2)), step);
  }
}

/** Whether a field of a map is one that a step names. */
export function isField(name: string, step: Extract<Step, { is: "field" }>): boolean {
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
  return [...items.keys()].filter(
    index => step.is === "any" || (step.is === "item" && isItem(items[index], step)),
  );
}

/** What an object has at a path: one value for each item and field that it names. */
export function valuesAt(value: Json, path: Path): Json[] {
  return foundAt(value, path).map(found => found.value);
}

/** The same, with the JSON pointers to them. */
function foundAt(value: Json, [step, ...rest]: Path, pointer = ""): Found[] {
  if (step === undefined) return [{ pointer, value }];
  return stepsInto(value, step).flatMap(([key, inner]) =>
    foundAt(inner, rest, `${pointer}/${escapePointer(key)}`),
  );
}

function stepsInto(value: Json, step: Step): [key: string, inner: Json][] {
  if (Array.isArray(value))
    return positionsOf(value, step).map(position => [String(position), value[position] ?? null]);
  if (!isObject(value) || step.is === "item") return [];
  if (step.is === "any") return Object.entries(value);
  if (step.isPrefix !== true)
    return Object.hasOwn(value, step.name) ? [[step.name, value[step.name] ?? null]] : [];
  return Object.entries(value).filter(([name]) => isField(name, step));
}
