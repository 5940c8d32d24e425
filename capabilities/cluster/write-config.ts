import type { ApplyCfg } from "kubernetes-fluent-client/dist/fluent/shared-types";
import type { Account } from "../kube/account";
import type { Placed } from "../kube/kinds";
import type { Precondition } from "../kube/version";

/** A resourceVersion that no live object has: an apply with it creates the object, or gets 409 if the object exists. */
const NEVER_LIVE = "1";

/** How an object is written: the fluent client's options, plus those that it lacks. */
export interface WriteConfig extends ApplyCfg {
  /** The owner of the fields from then on. */
  readonly fieldManager?: string;
  /** Whose rights count; the locker's own if absent. */
  readonly as?: Account | undefined;
  /** The state that the object must have, or that there must be no object; otherwise the answer is ConflictError. */
  readonly precondition?: Precondition | "absent";
  /** Only ask what the result would be. */
  readonly dryRun?: boolean;
  /** performance.now() after which the write must not leave. */
  readonly notAfter?: number;
}

/** The object with the state that it must have. */
export function inState(object: Placed, { precondition }: WriteConfig): Placed {
  const state = precondition === "absent" ? { resourceVersion: NEVER_LIVE } : precondition;
  return { ...object, metadata: { ...object.metadata, ...state } };
}

/** The API server warns about unknown and duplicate fields, but accepts them, as Helm does. */
export function queryOf({ fieldManager, force, dryRun }: WriteConfig): string {
  if (fieldManager === undefined) return "";
  const query = new URLSearchParams({ fieldManager, fieldValidation: "Warn" });
  if (force === true) query.set("force", "true");
  if (dryRun === true) query.set("dryRun", "All");
  return `?${query.toString()}`;
}
