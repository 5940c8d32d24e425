import type { Json, KubeObject, PatchOperation } from "../kube/object";
import type { ReleaseRef } from "../release/release";
import type { Addition } from "./additions";
import type { Doubt } from "./doubts";
import type { Known } from "./known";
import type { Left } from "../kube/path";
import type { Reason } from "./reasons";

/** What is known of a tracked object; `at` is performance.now() when it was seen so. */
export type Observed =
  /** Nothing: it has to be read. */
  | { readonly as: "unknown" }
  /** It was read and is not there, or the watch does not show it: deleted, or without Helm's label. */
  | { readonly as: "absent"; readonly at: number; readonly wasRead: boolean }
  /** Seen, and not yet looked at. */
  | { readonly as: "live"; readonly at: number; readonly object: KubeObject }
  /** Looked at, and right or left as it is; a later change would have been seen. */
  | { readonly as: "right" };

/** A change that writes: to what was observed, and where that differs, as JSON pointers. */
interface Repair {
  readonly live: KubeObject;
  readonly fields: readonly string[];
  /** Where else it differs, for a later write. @default nowhere */
  readonly rest?: readonly string[];
}

/** What a repair takes away, as it was. */
export interface Removed {
  readonly pointer: string;
  readonly value: Json;
}

/** What to do about a tracked object. */
export type Operation =
  /** Nothing; `because` says why although the object is not as desired. There is nothing to learn of one that is as it was. */
  | { readonly do: "none"; readonly because?: Reason; readonly isAsItWas?: boolean }
  /** Read it. */
  | { readonly do: "observe" }
  /** Ask the server, by dry runs, what it makes of the desired object, and of what managedFields leave open. */
  | {
      readonly do: "probe";
      readonly live: KubeObject;
      /** What to apply; undefined where something is drift for sure, so that only removals are asked about. */
      readonly payload: KubeObject | undefined;
      readonly doubts: readonly Doubt[];
    }
  /** Ask the server, by a dry run, what it makes of the desired object anew. */
  | { readonly do: "compare"; readonly live: KubeObject; readonly payload: KubeObject }
  | { readonly do: "create" }
  | (Repair & { readonly do: "apply"; readonly payload: KubeObject })
  /** Take away what was added. */
  | (Repair & { readonly do: "remove"; readonly removed: readonly Removed[] })
  /** Give additions to Helm's entry in managedFields; an apply follows. */
  | (Repair & {
      readonly do: "take over";
      readonly additions: readonly Addition[];
      readonly removed: readonly Removed[];
    })
  /** Write what differs field by field: the server takes no apply of the object, or has refused one. */
  | (Repair & {
      readonly do: "patch";
      readonly patch: readonly PatchOperation[];
      readonly removed: readonly Removed[];
    })
  /** Find out whether the release that the object names as its owner tracks it. */
  | { readonly do: "ask"; readonly about: "owner"; readonly owner: ReleaseRef }
  /** Find out whether an autoscaler has set its replicas. */
  | { readonly do: "ask"; readonly about: "autoscalers"; readonly live: KubeObject }
  /**
   * It is being deleted and has to be gone first. Where it is not watched, no event will tell, and somebody has to look again. Where it is
   * held, that takes as long as its finalizers do.
   */
  | { readonly do: "wait"; readonly isWatched: boolean; readonly isHeld: boolean };

/** Operations that write. */
export type Write = Extract<Operation, { do: "create" | "apply" | "remove" | "take over" | "patch" }>;

/** Whether an operation writes; all others find out or wait. */
export function isWrite(operation: Operation): operation is Write {
  return WRITES.has(operation.do);
}

const WRITES: ReadonlySet<Operation["do"]> = new Set(["create", "apply", "remove", "take over", "patch"]);

/** Everything a decision rests on. */
export interface Situation {
  readonly release: ReleaseRef;
  readonly desired: KubeObject;
  readonly observed: Observed;
  /** What the server was found to make of the desired object; undefined before the object was verified once. */
  readonly known: Known | undefined;
  /** Whether the server was asked about what was observed: what is still open then is drift. */
  readonly isAsked: boolean;
  /** What the server makes of the desired object anew; undefined before it was asked. */
  readonly anew: KubeObject | "refused" | undefined;
  /** Whether that was brought back in this look, and nobody has written since: what makes the object another one with every write can't be brought back. */
  readonly isBroughtBack: boolean;
  /** Whether the server has refused the repair of what was observed. */
  readonly isRefused: boolean;
  /** Whether it has then refused to take away what may be in the way of the repair. */
  readonly isRemovalRefused: boolean;
  /** Places that are not to be repaired for now, as the server has refused that: JSON pointers. */
  readonly withheld?: readonly string[];
  /** The field manager that Helm writes as. */
  readonly manager: string;
  /** Whether the server takes the object by server-side apply. */
  readonly isApplicable: boolean;
  /** Whether the release that the object names as its owner tracks it; undefined before that was asked. */
  readonly rivalTracks: boolean | undefined;
  /** Whether a HelmRelease allows that release what its record alone does not. @default false */
  readonly isRivalVouched?: boolean;
  /** Another locked release that has the object, and need not give it up. @default none */
  readonly holder?: ReleaseRef | undefined;
  /** Whether the object, or one of its name before it, was seen with this release's marks: then this release has it. */
  readonly wasSeen: boolean;
  /** Whether an autoscaler has set the replicas; undefined before that was asked. */
  readonly isAutoscaled: boolean | undefined;
  /** Whether the catalogue of known controllers counts. */
  readonly knowsControllers: boolean;
  /** What rules of the HelmRelease leave to others. @default nothing */
  readonly rules?: readonly Left[];
  /** Whether what others add stands. @default false */
  readonly keepsAdditions?: boolean;
  /** Whether all of it is left as it is, its deletion included. @default false */
  readonly isIgnored?: boolean;
  /** Whether it had run to its end when last seen, as a Job or Pod does; undefined where nobody knows. */
  readonly isFinished: boolean | undefined;
  /** Whether it was another release's when last seen, and the release's newest record is still the same. */
  readonly wasRivals: boolean;
  /** Whether a HelmRelease allows to create and to adopt what is not safe to. */
  readonly allowsCreate: boolean;
  /** Whether only a policy has named the release, so that its record alone can claim nothing. @default false */
  readonly isUnnamed?: boolean | undefined;
}

/** What a decision rests on before anything was asked. */
export const UNANSWERED = {
  rivalTracks: undefined,
  isAutoscaled: undefined,
  isAsked: false,
  anew: undefined,
  isRefused: false,
  isRemovalRefused: false,
} as const;
