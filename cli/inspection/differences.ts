import { authorsOf } from "../../capabilities/drift/blame";
import { differences } from "../../capabilities/drift/differences";
import { driftedIn } from "../../capabilities/drift/drifted";
import { comparedAt } from "../../capabilities/drift/field-values";
import { isWrite, type Operation } from "../../capabilities/drift/operation";
import { at } from "../../capabilities/drift/put";
import type { Json, KubeObject } from "../../capabilities/kube/object";
import { byName } from "../../capabilities/kube/path";
import { formatPath, parsePointer } from "../../capabilities/kube/path-text";
import type { Finding } from "./inspector";

/** One place where an object is not as its release wants it. */
export interface Difference {
  /** In the notation of spec.driftDetection.ignore; empty for the whole object. */
  readonly field: string;
  /** What is wrong with the whole object, if it is that. */
  readonly whole: "deleted" | "being deleted" | "changed" | undefined;
  /** What the chart says; undefined: nothing. */
  readonly chart: Json | undefined;
  /** What is there; undefined: nothing. */
  readonly live: Json | undefined;
  /** Field managers that have written there. */
  readonly by: readonly string[];
  /** When the last of them has last written to the object, as metav1.Time; undefined if nobody knows. */
  readonly since: string | undefined;
  /** False where only the server could tell whether it differs, and was not asked. */
  readonly isSure: boolean;
}

/** Where an object differs, in the order of its fields; nothing if it is right, or is not this release's. */
export function differencesOf({ look, operation }: Finding): Difference[] {
  const { observed, desired } = look.tracked;
  const live = observed.as === "live" ? observed.object : undefined;
  if (operation.do === "wait") return operation.isHeld ? [wholeOf("being deleted")] : [];
  if (!live) return driftedIn(operation, { ...look, live }) ? [wholeOf("deleted")] : [];
  const seen = { desired, live, manager: look.manager };
  const isProbe = operation.do === "probe";
  const places = isProbe ? unsurePlaces(operation) : driftedIn(operation, { ...look, live })?.fields;
  if (places?.length === 0) return [{ ...placeIn(seen, "", false), whole: "changed" }];
  const added = addedBy(operation);
  return (places ?? []).map(pointer => {
    const place = placeIn(seen, pointer, added.has(pointer));
    return isProbe ? { ...place, isSure: place.by.length > 0 } : place;
  });
}

/** What differs in the wording of the manifest: the server may have written it so. */
function unsurePlaces({ live, payload, doubts }: Extract<Operation, { do: "probe" }>): string[] {
  const worded = payload ? [...differences(payload, live).keys()] : [];
  return worded.length > 0 ? worded : doubts.map(({ pointer }) => pointer);
}

/** What was added, by pointers into the live object; what was changed is named by pointers into the manifest. */
function addedBy(operation: Operation): ReadonlySet<string> {
  const removed = isWrite(operation) && "removed" in operation ? operation.removed : [];
  return new Set(removed.map(({ pointer }) => pointer));
}

interface Seen {
  readonly desired: KubeObject;
  readonly live: KubeObject;
  readonly manager: string;
}

function placeIn({ desired, live, manager }: Seen, pointer: string, isAdded: boolean): Difference {
  const values = isAdded
    ? { desired: undefined, live: at(live, pointer) }
    : comparedAt(desired, live, pointer);
  const authors = authorsOf(live, [pointer], manager);
  return {
    field: fieldOf(pointer, isAdded || values.desired === undefined ? live : desired),
    whole: undefined,
    chart: values.desired,
    live: values.live,
    by: authors.map(author => author.manager),
    since: authors
      .flatMap(author => author.at ?? [])
      .sort()
      .at(-1),
    isSure: true,
  };
}

/** A JSON pointer with the names of list items in place of their positions. */
export function fieldOf(pointer: string, object: KubeObject): string {
  return formatPath(byName(parsePointer(pointer), object));
}

function wholeOf(whole: Difference["whole"]): Difference {
  return { field: "", whole, chart: undefined, live: undefined, by: [], since: undefined, isSure: true };
}
