import type { Reason } from "../drift/reasons";
import type { Kind } from "../kube/kinds";
import type { ManifestProblem } from "../release/manifest";

/** Why a tracked object is not as its release wants it. Words for it are made in report/. */
export type Problem =
  /** It was left as it is. */
  | { readonly is: "left"; readonly because: Reason }
  /** It could not be read or written; that will be tried again. */
  | { readonly is: "failed"; readonly error: unknown }
  /** Somebody puts the same change back as often as it is reverted. @property by field managers */
  | { readonly is: "fought over"; readonly by: readonly string[] }
  /** It is being deleted, finalizers hold it, and no watch will tell of its end. */
  | { readonly is: "held by finalizers" }
  /** Its definition is being deleted, so that none of its kind can be made. */
  | { readonly is: "undefined" };

/** Why something of a manifest can't be tracked. */
export type Untracked =
  /** A document can't be read, or part of it. */
  | { readonly is: "unread"; readonly problem: ManifestProblem }
  /** An object can't have a path at the API server. */
  | { readonly is: "nowhere"; readonly object: Named; readonly reason: string }
  /** The API server does not serve its kind. */
  | { readonly is: "not served"; readonly object: Named }
  /** Nobody knows, since its API version does not answer. */
  | { readonly is: "not looked up"; readonly object: Named; readonly error: unknown };

/** What there is to say of an object that no path leads to. */
interface Named {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** How it stands with the watch of a kind. */
export type Watching =
  /** Its first list is under way. */
  | { readonly is: "opening" }
  | { readonly is: "listed" }
  /** The last attempt failed; it will be repeated. */
  | { readonly is: "failed"; readonly kind: Kind; readonly error: unknown };

/** A kind whose objects can be read but not put right for want of a right. */
export interface Unwritable {
  readonly kind: Kind;
  /** Where; undefined for cluster-scoped objects. */
  readonly namespaces: readonly (string | undefined)[];
}
