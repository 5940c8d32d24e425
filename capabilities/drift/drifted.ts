import { digestOf } from "../kube/digest";
import type { KubeObject } from "../kube/object";
import { changedBy } from "./blame";
import { isWrite, type Operation } from "./operation";
import { at } from "./put";
import type { Reason } from "./reasons";

/** How an object differs from what its release wants, and who has written that. */
export interface Drifted {
  /** What would put it right. */
  readonly operation: "create" | "apply" | "remove";
  /** Where, as JSON pointers; empty where all of it is meant, or nothing tells. */
  readonly fields: readonly string[];
  /** By their own choice of field manager names. */
  readonly by: readonly string[];
  /** Stands for what is there: another value in the same place is another change. */
  readonly digest: string;
}

/** What was seen of an object when it was decided what to do about it. */
interface Seen {
  readonly live: KubeObject | undefined;
  /** The field manager that Helm writes as. */
  readonly manager: string;
  /** Places that are not to be repaired for now: JSON pointers. */
  readonly withheld: readonly string[];
}

/** An object that is not there. */
const MISSING: Drifted = { operation: "create", fields: [], by: [], digest: "" };

/** What a decision says of how the object differs; undefined where it says that of nothing. */
export function driftedIn(operation: Operation, seen: Seen): Drifted | undefined {
  if (operation.do === "wait") return operation.isHeld ? MISSING : undefined;
  if (operation.do === "none") return operation.because && leftAs(operation.because, seen);
  if (!isWrite(operation)) return undefined;
  if (operation.do === "create") return MISSING;
  const { live, fields, rest = [] } = operation;
  const isRemoval = operation.do === "remove" && rest.length === 0;
  return drifted(isRemoval ? "remove" : "apply", [...fields, ...rest], { ...seen, live });
}

function leftAs(because: Reason, seen: Seen): Drifted | undefined {
  if (because.is === "never seen" || because.is === "gone with another") return MISSING;
  if (because.is === "kept") return drifted("apply", because.fields, seen);
  if (because.is === "withheld") return drifted("apply", seen.withheld, seen);
  return because.is === "immutable" ? drifted("apply", [], seen) : undefined;
}

function drifted(
  operation: Drifted["operation"],
  pointers: readonly string[],
  { live, manager }: Seen,
): Drifted | undefined {
  if (!live) return undefined;
  const fields = [...new Set(pointers)].sort();
  const values = fields.map(field => at(live, field) ?? null);
  return {
    operation,
    fields,
    by: changedBy(live, fields, manager),
    digest: digestOf(fields.join("\n"), values),
  };
}
