import { isDeepStrictEqual } from "node:util";
import { perObject } from "./per-object";
import { isObject, own, type Json, type JsonObject, type KubeObject } from "./object";

/**
 * Where a field is, in the notation of managedFields: "f:name" is a field, "k:{…}" the list item with these keys, "v:…"
 * the item with that value, "i:0" the item at that position.
 * Source: sigs.k8s.io/structured-merge-diff, fieldpath/serialize-pe.go.
 */
export type FieldPath = readonly string[];

/** A set of fields as managedFields stores it: a tree of path elements, "." for the item itself. */
export type FieldSet = JsonObject;

/** Who owns which fields of an object: one entry of metadata.managedFields. */
export interface FieldOwner {
  readonly manager: string;
  readonly operation: string;
  /** The API version that its paths are those of. */
  readonly apiVersion: string;
  readonly subresource: string | undefined;
  readonly fields: FieldSet;
  /** The entry unchanged. */
  readonly entry: JsonObject;
}

/** A field as it was found in an object. */
export interface Found {
  /** Its JSON pointer (RFC 6901). */
  readonly pointer: string;
  readonly value: Json;
}

/** The entries of an object's managedFields. */
export function ownersOf(object: KubeObject): readonly FieldOwner[] {
  const { managedFields } = object.metadata;
  return Array.isArray(managedFields) ? readOwners(managedFields) : [];
}

const readOwners = perObject((managedFields: readonly Json[]): readonly FieldOwner[] =>
  managedFields.filter(isObject).map(entry => ({
    manager: typeof entry.manager === "string" ? entry.manager : "",
    operation: typeof entry.operation === "string" ? entry.operation : "",
    apiVersion: typeof entry.apiVersion === "string" ? entry.apiVersion : "",
    subresource:
      typeof entry.subresource === "string" && entry.subresource !== "" ? entry.subresource : undefined,
    fields: isObject(entry.fieldsV1) ? entry.fieldsV1 : {},
    entry,
  })),
);

/** The innermost paths of a set. */
export const leavesOf = perObject((fields: FieldSet): readonly FieldPath[] => withLeaves([], fields, []));

function withLeaves(leaves: FieldPath[], fields: FieldSet, at: FieldPath): FieldPath[] {
  for (const step of Object.keys(fields)) {
    if (step === ".") continue;
    const below = fields[step];
    const path = at.concat(step);
    const before = leaves.length;
    if (isObject(below)) withLeaves(leaves, below, path);
    if (leaves.length === before) leaves.push(path);
  }
  return leaves;
}

/** Every path of a set; a path that ends with "." is a map or a list item that is itself owned, whatever it contains. */
export function membersOf(fields: FieldSet, at: FieldPath = []): FieldPath[] {
  return Object.entries(fields).flatMap(([step, below]) => {
    const path = [...at, step];
    return isObject(below) && Object.keys(below).length > 0 ? membersOf(below, path) : [path];
  });
}

/** Finds what a path points to; undefined if it is not there. */
export function find(object: JsonObject, path: FieldPath): Found | undefined {
  let found: Found | undefined = { pointer: "", value: object };
  for (let depth = 0; found && depth < path.length; depth++) found = stepInto(found, path[depth] ?? "");
  return found;
}

/** How many steps of a path exist in an object. */
export function depthIn(object: JsonObject, path: FieldPath): number {
  let value: Json | undefined = object;
  for (let depth = 0; depth < path.length; depth++) {
    value = valueInto(value, path[depth] ?? "");
    if (value === undefined) return depth;
  }
  return path.length;
}

/** Whether a manager owns a desired field of an object. */
export function isWrittenBy(manager: string, desired: KubeObject, live: KubeObject): boolean {
  const own = ownersOf(live).filter(owner => owner.manager === manager && owner.subresource === undefined);
  return own.some(({ fields }) => leavesOf(fields).some(leaf => find(desired, leaf) !== undefined));
}

/** Whether a path equals another one, or leads to it. */
export function contains(path: FieldPath, other: FieldPath): boolean {
  return path.length <= other.length && path.every((step, index) => step === other[index]);
}

/** The part of a set at or below a path; undefined if there is none. */
export function subset(fields: FieldSet, path: FieldPath): FieldSet | undefined {
  let below: Json | undefined = fields;
  for (const step of path) below = isObject(below) ? below[step] : undefined;
  return isObject(below) ? below : undefined;
}

/** A set without the part at or below a path, and without what is then empty. */
export function without(fields: FieldSet, path: FieldPath): FieldSet {
  const [step, ...rest] = path;
  const below = step === undefined ? undefined : fields[step];
  if (step === undefined || !isObject(below)) return fields;
  const others = Object.fromEntries(Object.entries(fields).filter(([other]) => other !== step));
  const left = rest.length === 0 ? {} : without(below, rest);
  return Object.keys(left).length === 0 ? others : { ...others, [step]: left };
}

/** A set with all of another set added at a path. */
export function including(fields: FieldSet, path: FieldPath, added: FieldSet): FieldSet {
  const [step, ...rest] = path;
  if (step === undefined) return union(fields, added);
  const below = fields[step];
  return { ...fields, [step]: including(isObject(below) ? below : {}, rest, added) };
}

function union(one: FieldSet, other: FieldSet): FieldSet {
  const all = { ...one };
  for (const [step, below] of Object.entries(other)) {
    const known = all[step];
    all[step] = isObject(known) && isObject(below) ? union(known, below) : below;
  }
  return all;
}

/** Where one step leads; undefined if that is not there. */
export function stepInto({ pointer, value }: Found, step: string): Found | undefined {
  if (Array.isArray(value)) {
    const index = step.startsWith("f:") ? -1 : positionIn(value, step);
    const item = value[index];
    return item === undefined ? undefined : { pointer: `${pointer}/${index}`, value: item };
  }
  const inner = valueInto(value, step);
  return inner === undefined
    ? undefined
    : { pointer: `${pointer}/${escapePointer(step.slice(2))}`, value: inner };
}

/** The value that one step leads to; undefined if that is not there. */
function valueInto(value: Json, step: string): Json | undefined {
  if (Array.isArray(value)) return step.startsWith("f:") ? undefined : value[positionIn(value, step)];
  return isObject(value) && step.startsWith("f:") ? own(value, step.slice(2)) : undefined;
}

/** The position of the list item that a path element stands for; at least the list's length, or negative, where there is none. */
export function positionIn(items: readonly Json[], step: string): number {
  const wanted = parsed(step.slice(2));
  if (step.startsWith("i:")) return Number.isInteger(wanted) ? Number(wanted) : -1;
  if (step.startsWith("v:")) return items.findIndex(item => isSame(item, wanted));
  if (!isObject(wanted)) return -1;
  const keys = Object.entries(wanted);
  return items.findIndex(item => isObject(item) && hasAll(item, keys));
}

/** The keys of the list item that a path element stands for, where it is known by keys. */
export function keysOf(step: string): JsonObject {
  const keys = step.startsWith("k:") ? parsed(step.slice("k:".length)) : undefined;
  return isObject(keys) ? keys : {};
}

/** The path element of a list item, by the same keys as another one of its list; undefined where it can have none. */
export function elementFor(item: Json, like: string): string | undefined {
  if (like.startsWith("v:")) return `v:${JSON.stringify(item)}`;
  const names = Object.keys(keysOf(like));
  if (!isObject(item) || names.length === 0) return undefined;
  const whole: JsonObject = { ...DEFAULT_KEYS, ...item };
  return `k:${JSON.stringify(Object.fromEntries(names.map(name => [name, whole[name] ?? ""])))}`;
}

/** What is no JSON points to nothing. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the server makes of a list item's missing or empty key; else "". Source: ServicePort and ContainerPort in the Kubernetes API reference. */
const DEFAULT_KEYS: JsonObject = { protocol: "TCP" };

function hasAll(item: JsonObject, keys: readonly [key: string, value: Json][]): boolean {
  return keys.every(([key, value]) => {
    const actual = own(item, key) ?? "";
    return isSame(actual, value) || (actual === "" && value === DEFAULT_KEYS[key]);
  });
}

/** Names are compared very often, and are hardly ever more than strings and numbers. */
function isSame(one: Json, other: unknown): boolean {
  return one === other || (typeof one === "object" && isDeepStrictEqual(one, other));
}

/** RFC 6901, section 3. */
export function escapePointer(key: string): string {
  return key.includes("~") || key.includes("/") ? key.replaceAll("~", "~0").replaceAll("/", "~1") : key;
}

/** Whether a JSON pointer leads to another one's place, or into it. */
export function isWithin(pointer: string, other: string): boolean {
  return pointer === other || pointer.startsWith(`${other}/`);
}

/** The key that a step of a JSON pointer stands for. */
export function unescapePointer(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}
