import type { ReleaseRef } from "../release/release";

/** Why an object is left as it is although it is not as desired. */
export type Reason =
  /** The release that it names as its owner tracks it, too. */
  | { readonly is: "tracked by another"; readonly rival: ReleaseRef }
  /** It names another release and reaches beyond this one's namespace: the record alone does not make it this one's. */
  | { readonly is: "named by another"; readonly rival: ReleaseRef }
  /** It names no release and reaches beyond this one's namespace: the record alone does not make it this one's. */
  | { readonly is: "unnamed" }
  /** It bears no mark of Helm. */
  | { readonly is: "unmarked" }
  /** It is missing, was never seen since it is locked, and reaches beyond the release's namespace. */
  | { readonly is: "never seen" }
  /** It has run to its end and is not run again: nothing that anybody wants to know. */
  | { readonly is: "finished" };
