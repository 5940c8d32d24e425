import { isDeepStrictEqual } from "node:util";
import { isObject, type Json } from "../kube/object";

/** The name of a list item; empty where it has none. */
export function nameOf(item: Json | undefined): string {
  return isObject(item) && typeof item.name === "string" ? item.name : "";
}

/** The names of items, in order; undefined where an item has none or two share one. */
export function namesOf(items: readonly Json[]): string[] | undefined {
  const names = items.map(nameOf);
  return names.length > 0 && !names.includes("") && new Set(names).size === names.length ? names : undefined;
}

/** Whether two lists are of the same items, by their number and names. */
export function areSameItems(one: readonly Json[], other: readonly Json[]): boolean {
  return one.length === other.length && isDeepStrictEqual(namesOf(one), namesOf(other));
}

/** The item that one of another list stands for: of the same name, or, where it has none, at the same place. */
export function counterpartOf(item: Json, index: number, others: readonly Json[]): Json | undefined {
  const name = nameOf(item);
  return name === "" ? others[index] : others.find(other => nameOf(other) === name);
}
