import { isDeepStrictEqual } from "node:util";
import { groupOf } from "../kube/kinds";
import { isObject, type Json, type KubeObject } from "../kube/object";
import { storedQuantity } from "./quantity";
import { DEFAULTS, EMPTY_MAPS, GROUPS, QUANTITIES, QUANTITY_MAPS, ZEROS } from "./same-fields";

/** Whether a desired value and a live one are the same, at a JSON pointer of an object. */
export type Same = (wanted: Json, actual: Json | undefined, pointer: string) => boolean;

/**
 * How values of an object are compared: equal, or, in a kind whose types are known, one as the API server stores the other. Nobody could
 * have made such a difference. Custom resources are stored as they are written.
 */
export function samenessIn({ apiVersion, kind }: KubeObject): Same {
  const isTyped = GROUPS.has(groupOf(apiVersion)) && kind !== "ControllerRevision";
  // Names inside a schema are its author's.
  const isOpen = (pointer: string) => kind === "CustomResourceDefinition" && pointer.includes("/schema/");
  return (wanted, actual, pointer) =>
    isDeepStrictEqual(wanted, actual) || (isTyped && !isOpen(pointer) && isStoredAs(wanted, actual, pointer));
}

function isStoredAs(wanted: Json, actual: Json | undefined, pointer: string): boolean {
  const fields = pointer.split("/").filter(step => !POSITION.test(step));
  const place = fields.slice(-2).join(" ");
  if (actual === undefined || actual === null) return isLeftOut(wanted, place);
  if (QUANTITIES.has(place) || QUANTITY_MAPS.has(fields.slice(-3, -1).join(" ")))
    return isQuantity(wanted, actual);
  return wanted === "" && isFilledIn(actual, place);
}

const POSITION = /^\d+$/;

/** Whether the server leaves out what is wanted. */
function isLeftOut(wanted: Json, place: string): boolean {
  if (Array.isArray(wanted)) return wanted.length === 0;
  if (isObject(wanted)) return Object.keys(wanted).length === 0 && isMap(place);
  return (wanted === "" || wanted === 0 || wanted === false) && ZEROS.has(place);
}

function isMap(place: string): boolean {
  return EMPTY_MAPS.has(place) || QUANTITY_MAPS.has(place);
}

/** Whether it is what the server makes of "": the default, or any address for a Service that asks for one. */
function isFilledIn(actual: Json, place: string): boolean {
  if (place === "spec clusterIP") return typeof actual === "string" && actual !== "None";
  return DEFAULTS.get(place) === actual;
}

function isQuantity(wanted: Json, actual: Json): boolean {
  return (typeof wanted === "string" || typeof wanted === "number") && storedQuantity(`${wanted}`) === actual;
}
