import { escapePointer } from "../kube/managed-fields";
import { isObject, own, type JsonObject, type KubeObject, type PatchOperation } from "../kube/object";

/**
 * A JSON patch that sets all that is desired, like the merge patch (RFC 7396) that Helm's client side sends of custom resources. But a null
 * inside a list, or inside a map that is new, is sent as a create sends it: a merge would take it away, also in lists, where the API
 * server's JSON library does so.
 */
export function setting(desired: KubeObject, live: KubeObject): PatchOperation[] {
  return inMap(desired, live, "");
}

function inMap(desired: JsonObject, live: JsonObject, at: string): PatchOperation[] {
  return Object.entries(desired).flatMap(([key, value]): PatchOperation[] => {
    const path = `${at}/${escapePointer(key)}`;
    const there = own(live, key);
    if (isObject(value) && isObject(there)) return inMap(value, there, path);
    if (value !== null) return [{ op: "add", path, value }];
    // A null that is there already stays.
    return there === undefined || there === null ? [] : [{ op: "remove", path }];
  });
}
