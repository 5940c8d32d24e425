import type { Drifted } from "../drift/drifted";
import { isProblem, type Reason } from "../drift/reasons";
import type { Account } from "../kube/account";
import type { Kind } from "../kube/kinds";
import type { ManifestProblem } from "../release/manifest";
import type { Watched } from "./watched";

/** Why a tracked object is not as its release wants it. report/ puts this into words. */
export type Problem =
  /** It was left as it is. */
  | { readonly is: "left"; readonly because: Reason }
  /** It could not be read or written; the locker will try again. */
  | { readonly is: "failed"; readonly error: unknown }
  /** Somebody changes it again as often as that is reverted. @property by field managers */
  | { readonly is: "fought over"; readonly by: readonly string[] }
  /** It is being deleted, and finalizers hold it: nothing restores it meanwhile. */
  | { readonly is: "held by finalizers" }
  /** Its CRD is being deleted, so no object of its kind can be created. */
  | { readonly is: "undefined" }
  /** It is missing, and nobody could take it back if it was made too late. */
  | { readonly is: "irrevocable"; readonly account: Account }
  | AccountProblem;

/** Why nothing can be written as the ServiceAccount of a lock. */
export type AccountProblem =
  /** It does not exist; the API server would take its name all the same. */
  | { readonly is: "no account"; readonly account: Account }
  /** The locker may not write as it, or not see whether it exists. */
  | { readonly is: "barred"; readonly account: Account };

/** How an object differs, where that stands. */
export interface StandingDrift extends Drifted {
  /** Since when it has differed without a break, in milliseconds since 1970. */
  readonly since: number;
}

/** Why a part of a manifest can't be tracked. */
export type Untracked =
  /** A document, or a part of it, can't be read. */
  | { readonly is: "unread"; readonly problem: ManifestProblem }
  /** An object can't have a path at the API server. */
  | { readonly is: "nowhere"; readonly object: Named; readonly reason: string }
  /** The API server does not serve its kind. */
  | { readonly is: "not served"; readonly object: Named }
  /** Nobody knows the kind, because its API version does not answer. */
  | { readonly is: "not looked up"; readonly object: Named; readonly error: unknown };

/** What can be said of an object without a path. */
interface Named {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** The state of a watch. */
export type Watching =
  /** Its first list is under way. */
  | { readonly is: "opening" }
  | { readonly is: "listed" }
  /** It has failed for a while; it will try again. */
  | { readonly is: "failed"; readonly watched: Watched; readonly error: unknown };

/** A kind whose objects can be read but not restored, because a right is missing. */
export interface Unwritable {
  readonly kind: Kind;
  /** Who lacks it; undefined: the locker itself. */
  readonly account: Account | undefined;
  /** Where; undefined for cluster-scoped objects. */
  readonly namespaces: readonly (string | undefined)[];
}

/** The problem of an object that is left as it is for a reason; undefined if that stands against nothing. */
export function problemOf(because: Reason | undefined): Problem | undefined {
  return because && isProblem(because) ? { is: "left", because } : undefined;
}
