import type { ReleaseRef } from "../release/release";

/** Why an object that is not as desired is left as it is. */
export type Reason =
  /** Another release also tracks the object, and has it: the object names it, or its lock had the object first. */
  | { readonly is: "tracked by another"; readonly rival: ReleaseRef }
  /** The object names another release and reaches beyond this release's namespace: the record alone can't claim it. */
  | { readonly is: "named by another"; readonly rival: ReleaseRef }
  /** The object names no release and reaches beyond this release's namespace: the record alone can't claim it. */
  | { readonly is: "unnamed" }
  /** The object has no mark of Helm. */
  | { readonly is: "unmarked" }
  /** The object is missing, was never seen since the release was locked, and reaches beyond the release's namespace. */
  | { readonly is: "never seen" }
  /** The object is missing and was never seen, and only a policy has named the release. */
  | { readonly is: "never seen by policy" }
  /** The object is missing, and was another release's when last seen: that release's Helm may have uninstalled it. */
  | { readonly is: "gone with another" }
  /** What somebody has changed can't be taken away: the server keeps it. JSON pointers. */
  | { readonly is: "kept"; readonly fields: readonly string[] }
  /** It is not as it was when it was right, nothing tells who has changed what, and the server refuses to make it so again. */
  | { readonly is: "immutable" }
  /** What is left of it the server has refused to put right, and is not tried again yet. */
  | { readonly is: "withheld" }
  /** It is only told of. */
  | { readonly is: "warned" }
  /** A rule of the HelmRelease, or an annotation of the manifest, leaves all of it as it is: nothing that stands against the lock. */
  | { readonly is: "ignored" }
  /** It has run to its end and is not run again: nothing that anybody wants to know. */
  | { readonly is: "finished" };

/** Whether an object that is left as it is belongs to the release. */
export function isOurs(reason: Reason | undefined): boolean {
  return reason === undefined || ["kept", "immutable", "withheld", "warned"].includes(reason.is);
}

/** Whether somebody should see to it; what is only told of is told otherwise. */
export function isProblem({ is }: Reason): boolean {
  return !WANTED.has(is);
}

/** Reasons that stand against nothing. */
const WANTED: ReadonlySet<Reason["is"]> = new Set(["finished", "warned", "ignored"]);

/** The release that an object was left to, or that it names. */
export function rivalIn(reason: Reason | undefined): ReleaseRef | undefined {
  return reason && "rival" in reason ? reason.rival : undefined;
}
