import type { KubeObject } from "./object";

/** One state of one object: a write that is meant for exactly that state carries it. */
export interface Precondition {
  readonly uid: string;
  readonly resourceVersion: string;
}

/** The state of an object as read. */
export function stateOf(object: KubeObject): Precondition {
  const { uid, resourceVersion } = object.metadata;
  return {
    uid: typeof uid === "string" ? uid : "",
    resourceVersion: typeof resourceVersion === "string" ? resourceVersion : "",
  };
}

/** Whether a resourceVersion is older than another one of the same kind. Source: resourceVersions are comparable as integers (KEP-5504). */
export function isOlder(version: string, than: string): boolean {
  return version.length === than.length ? version < than : version.length < than.length;
}
