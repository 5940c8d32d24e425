import type { Operation } from "../../capabilities/drift/operation";
import type { KubeObject } from "../../capabilities/kube/object";
import type { Look } from "../../capabilities/lock/look";
import type { ReleaseRef } from "../../capabilities/release/release";
import type { Lock } from "../../capabilities/state/lock";
import type { Phase } from "../../capabilities/state/phase";
import type { Untracked } from "../../capabilities/state/problems";

/** A release, and what was found of its objects. */
export interface Inspection {
  readonly release: ReleaseRef;
  readonly lock: Lock;
  /** What its newest record says of it. */
  readonly phase: Phase;
  /** Whether Helm writes its objects by server-side apply. */
  readonly isServerSide: boolean;
  readonly findings: readonly Finding[];
  readonly untracked: readonly Untracked[];
  /** Why it may not be read what the operator remembers of it, where that may decide about an object; undefined otherwise. */
  readonly forgotten: unknown;
}

/** One object of a release, and what a lock would do about it. */
export interface Finding {
  readonly look: Look;
  /** What a lock would do; a question, if that was not to be asked. */
  readonly operation: Operation;
  /** What the server would make of it anew, where something differs; undefined if it was not asked, or has refused that. */
  readonly anew: KubeObject | undefined;
  /** Why it could not be looked at; undefined if it was. */
  readonly error: unknown;
}
