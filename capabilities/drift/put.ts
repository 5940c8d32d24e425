import { unescapePointer } from "../kube/managed-fields";
import { isObject, own, type Json, type KubeObject } from "../kube/object";

/** An object with another value at a JSON pointer, to which it has the way. */
export function put(object: KubeObject, pointer: string, value: Json): KubeObject {
  const [step = "", ...rest] = stepsOf(pointer);
  return { ...object, [step]: putIn(own(object, step), rest, value) };
}

/** An object without a field at a JSON pointer, to which it has the way. */
export function drop(object: KubeObject, pointer: string): KubeObject {
  const field = stepsOf(pointer).at(-1);
  const holder = pointer.slice(0, pointer.lastIndexOf("/"));
  const map = at(object, holder);
  if (!isObject(map)) return object;
  return put(object, holder, Object.fromEntries(Object.entries(map).filter(([key]) => key !== field)));
}

/**
 * An object with what another one of the same lists has at JSON pointers. Where it lacks the way there, it gets the outermost place that it
 * lacks, as a whole: once nobody wants that any more, the server takes it away as a whole, and makes its default of it anew.
 */
export function putFrom(object: KubeObject, from: KubeObject, pointers: readonly string[]): KubeObject {
  return pointers.reduce<KubeObject>((whole, pointer) => {
    const place = waysTo(pointer).find(way => at(whole, way) === undefined) ?? pointer;
    return put(whole, place, at(from, place) ?? null);
  }, object);
}

/** Of places, those that are in no other one, each once. */
export function outermost<Place extends { readonly pointer: string }>(places: readonly Place[]): Place[] {
  const all = new Map(places.map(place => [place.pointer, place]));
  return [...all.values()].filter(({ pointer }) => !waysTo(pointer).some(way => all.has(way)));
}

/** The places on the way to one: JSON pointers. */
function waysTo(pointer: string): string[] {
  const steps = pointer.split("/");
  return steps.slice(1, -1).map((_, index) => steps.slice(0, index + 2).join("/"));
}

/** What a value has at a JSON pointer. */
export function at(value: Json, pointer: string): Json | undefined {
  return stepsOf(pointer).reduce<Json | undefined>(inside, value);
}

/** What a value has one step further. */
export function inside(value: Json | undefined, step: string): Json | undefined {
  if (Array.isArray(value)) return value[Number(step)];
  return isObject(value) ? own(value, step) : undefined;
}

function putIn(holder: Json | undefined, [step, ...rest]: readonly string[], value: Json): Json {
  if (step === undefined) return value;
  if (Array.isArray(holder))
    return holder.map((item, index) => (String(index) === step ? putIn(item, rest, value) : item));
  const map = isObject(holder) ? holder : {};
  return Object.fromEntries([...Object.entries(map), [step, putIn(own(map, step), rest, value)]]);
}

/** The steps of a JSON pointer. */
export function stepsOf(pointer: string): string[] {
  return pointer.slice(1).split("/").map(unescapePointer);
}
