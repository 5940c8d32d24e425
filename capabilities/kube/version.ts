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

/** Whether two objects are in the same state. */
export function isSameState(one: KubeObject, other: KubeObject): boolean {
  return stateOf(one).resourceVersion === stateOf(other).resourceVersion;
}

/** What of an object's metadata tells its states apart. */
interface Stated {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/** Whether one state is older than another one of the same object; of different objects, neither is. */
export function isOlderState(one: Stated, than: Stated): boolean {
  return one.uid === than.uid && isOlder(one.resourceVersion ?? "", than.resourceVersion ?? "");
}

/** Whether a resourceVersion is older than another one of the same kind. Source: resourceVersions are comparable as integers (KEP-5504). */
export function isOlder(version: string, than: string): boolean {
  return version.length === than.length ? version < than : version.length < than.length;
}

/** The newest of some resourceVersions; empty where there is none. */
export function newestOf(versions: Iterable<string | undefined>): string {
  let newest = "";
  for (const version of versions) if (version !== undefined && isOlder(newest, version)) newest = version;
  return newest;
}
