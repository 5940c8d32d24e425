import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../kube/object";
import { at } from "./put";

/**
 * Whether an object has at a place what the server makes anew there: then somebody has only come to own it. Never of metadata, which is
 * not made anew.
 *
 * @param pointer JSON pointer
 */
export function isAsMade(live: KubeObject, anew: KubeObject, pointer: string): boolean {
  return !pointer.startsWith("/metadata/") && isDeepStrictEqual(at(anew, pointer), at(live, pointer));
}
