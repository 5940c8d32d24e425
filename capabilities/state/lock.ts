import type { KubeObject } from "../kube/object";
import type { Kind } from "../kube/kinds";
import type { Known } from "../drift/known";
import type { Observed } from "../drift/operation";
import type { ReleaseRef } from "../release/release";
import type { RecordState } from "../release/storage";
import type { AdmissionState } from "./admission-state";
import type { Changes } from "./changes";
import type { History } from "./history";
import type { Kept } from "./kept";
import type { Phase } from "./phase";
import type { AccountProblem, Problem, StandingDrift, Untracked, Unwritable } from "./problems";
import type { Governing, Standing } from "./standing";

/**
 * What is known of a release that at least one HelmRelease names. Every part may read it. Each group of fields is
 * replaced by one method of the Store, which one part of the locker calls.
 */
export interface Lock extends Governing {
  readonly release: ReleaseRef;

  // What its HelmReleases ask for: lock/registrations.
  /** The HelmReleases that ask for it, by name, and how each wants it locked. */
  readonly helmReleases: ReadonlyMap<string, Standing>;

  // Whether it rests: lock/policies.
  /** Whether the suspension that the policy asks for has begun, and has not ended. */
  readonly isSuspended: boolean;

  // What its newest record says: lock/releases.
  /** What the record means; undefined until it was read. */
  readonly phase: Phase | undefined;
  /** The record, as last read. */
  readonly record: HeldRecord | undefined;
  /** The manifest that was locked last: a record with this uid must keep this digest. */
  readonly seal: Seal | undefined;
  /** Why the record can't be read for now; undefined if it can. */
  readonly failure: { readonly error: unknown } | undefined;

  // What that means on this cluster: lock/releases.
  /** Digest of the manifest that all objects come from; undefined while some kinds are not served. */
  readonly manifest: string | undefined;
  /** By object key, in Helm's install order. */
  readonly objects: ReadonlyMap<string, Tracked>;
  /** The collections of its objects, by path. */
  readonly collections: ReadonlySet<string>;
  /** What can't be tracked of the manifest. */
  readonly untracked: readonly Untracked[];
  /** The field manager that Helm writes this release's objects as; elected once they have been seen. */
  readonly manager: string | undefined;
  /** The one that was elected for an earlier manifest, also by an earlier process. */
  readonly formerManager: string | undefined;
  /** What is known of objects that are not tracked now, and may be again: by the keys of state/memory. */
  readonly remembered: ReadonlyMap<string, Remembered>;
  /** Counts the changes of what has to be remembered. */
  readonly changes: Changes;
  /** Of what it would be known again after a restart. */
  readonly kept: Kept;

  // What others have changed: lock/chronicle.
  readonly history: History;

  // What the API server does about a change by hand: lock/admissions.
  readonly admission: AdmissionState;

  // How long the record has said so: lock/stalls.
  /** Since when its newest record has been in this phase, in milliseconds since 1970, as far as this process has seen. */
  readonly since: number;
  /** Whether a Helm operation has been under way for longer than operations take. */
  readonly isStalled: boolean;

  // Which rights are lacking: lock/rights.
  /** Why nothing can be written as its ServiceAccount. */
  readonly accountProblem: AccountProblem | undefined;
  /** Kinds whose objects can't be restored, by the path of their collection. */
  readonly unwritable: ReadonlyMap<string, Unwritable>;
}

/** The newest record as last read, without its payload. */
export interface HeldRecord extends RecordState {
  readonly description: string;
  readonly notes: string;
  /** The field managers that have written it. */
  readonly writers: readonly string[];
}

/** What a manifest means on this cluster. */
export interface Tracking {
  readonly manifest: string | undefined;
  readonly objects: readonly Tracked[];
  readonly untracked: readonly Untracked[];
}

/** A manifest that was locked. */
export interface Seal {
  /** The uid of the record with the manifest. */
  readonly uid: string;
  readonly digest: string;
}

/** What is remembered of an object. */
export interface Remembered {
  /** Under which content of its manifest it was seen as the release's own (see `contentOf` in state/memory); undefined if it never was. */
  readonly seenAs: string | undefined;
  /** Whether it had run to its end. */
  readonly isFinished: boolean;
  /** Under which of the release's records, by uid, it was left to another release; undefined if it was not. */
  readonly rivalsUnder: string | undefined;
  /** Stands for the drift that users were told of last, where that is only told of; undefined if there is none. */
  readonly told: string | undefined;
}

/** One object that a locked release tracks. state/tracked.ts is the only place that writes it. */
export interface Tracked {
  readonly lock: Lock;
  readonly kind: Kind;
  /** With namespace and Helm's ownership metadata. */
  readonly desired: KubeObject;
  readonly observed: Observed;
  /** The newest known resourceVersion; an older state is no news. */
  readonly resourceVersion: string | undefined;
  /** Where it was last seen: with Helm's label, which watches ask for, or without; undefined before it was seen. */
  readonly whereabouts: "labelled" | "unlabelled" | "gone" | undefined;
  /** What the server makes of the desired object by itself; undefined until it was verified once. */
  readonly known: Known | undefined;
  /** Whether the server accepts it by server-side apply; false once the server refused that with a SchemaError. */
  readonly isApplicable: boolean;
  /** What of `desired` counts for being known again: see `contentOf` in state/memory. */
  readonly content: string;
  /** The content that it had when it was last seen live under this release; undefined if it never was. */
  readonly seenAs: string | undefined;
  /** Whether it was seen live under this release since the release was locked, and not given up since: at most one lock has an object. */
  readonly wasSeen: boolean;
  /** All that track the same object, for this lock or another one. */
  readonly sharing: readonly Tracked[];
  /** Whether it had run to its end when last seen, as a Job or Pod does; undefined where nobody knows. */
  readonly isFinished: boolean | undefined;
  /** Whether its deletion was seen, and so its last state. */
  readonly wasSeenToGo: boolean;
  /** Under which record of this release, by uid, it was left to another release; undefined if it is this one's. */
  readonly rivalsUnder: string | undefined;
  /** The release that has it, if that was found to be another one; or that has to be asked whether it has. */
  readonly rival: ReleaseRef | undefined;
  /** Who wrote Helm's ownership metadata on it, as first seen: its vote for the release's field manager. */
  readonly vote: string | undefined;
  /** Whether it was looked at: never, before the manifest or the policy said something else, or since then. */
  readonly looked: "never" | "before" | "since";
  /** Why it is not as desired; undefined if it is, or if no problem is known. */
  readonly problem: Problem | undefined;
  /** How it differs, where that stands: it is only told of, or can't be put right; undefined if it does not, or nobody knows. */
  readonly drift: StandingDrift | undefined;
  /** Stands for the drift that users were told of last, also by an earlier process, where that is only told of; undefined if there is none. */
  readonly told: string | undefined;
  /** How many fields stand because a known controller may write them, or because the policy says so; undefined before it was looked at. */
  readonly ignored: number | undefined;
  /** How many of its desired fields somebody but Helm owns; undefined before it was looked at. */
  readonly foreign: number | undefined;
}
