import { unescapePointer } from "../kube/managed-fields";
import { isObject, own, type Json, type KubeObject } from "../kube/object";
import type { Left, Step } from "../kube/path";

/** The places of fields, for a repair without them: a list is one place, as its items move. */
export function placesOf(fields: readonly string[], desired: KubeObject, live: KubeObject): string[] {
  return [...new Set(fields.map(field => placeOf(field, [desired, live])))];
}

function placeOf(pointer: string, objects: readonly Json[]): string {
  const steps = pointer.slice(1).split("/");
  let values: (Json | undefined)[] = [...objects];
  for (const [index, step] of steps.entries()) {
    if (values.some(Array.isArray)) return `/${steps.slice(0, index).join("/")}`;
    values = values.map(value => (isObject(value) ? own(value, unescapePointer(step)) : undefined));
  }
  return pointer;
}

const REFUSAL = { is: "refusal" } as const;

/** What is withheld from a repair is left to others for now. @param places from `placesOf` */
export function leftAt(places: readonly string[]): Left[] {
  return places.map(place => ({
    path: place
      .slice(1)
      .split("/")
      .map((step): Step => ({ is: "field", name: unescapePointer(step) })),
    origin: REFUSAL,
    isWhole: true,
  }));
}
