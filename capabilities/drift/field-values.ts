import type { Json, KubeObject } from "../kube/object";
import { counterpartOf } from "./items";
import { inside, stepsOf } from "./put";

/** What a field is in the manifest and in the live object; undefined where it is not there. */
export interface Compared {
  readonly desired: Json | undefined;
  readonly live: Json | undefined;
}

/** What a JSON pointer leads to in both of two objects: an item of the same name, where a list's items have names. */
export function comparedAt(desired: KubeObject, live: KubeObject, pointer: string): Compared {
  return stepsOf(pointer).reduce<Compared>(stepInto, { desired, live });
}

function stepInto({ desired, live }: Compared, step: string): Compared {
  const item = inside(desired, step);
  if (!Array.isArray(desired) || !Array.isArray(live) || item === undefined)
    return { desired: item, live: inside(live, step) };
  return { desired: item, live: counterpartOf(item, Number(step), live) };
}
