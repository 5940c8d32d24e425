import type { KubeObject } from "../kube/object";
import type { ReleaseRef } from "../release/release";
import { changedBy } from "./blame";
import { isFinished } from "./creation";
import { decide } from "./decide";
import type { Known } from "./known";
import { UNANSWERED, type Operation } from "./operation";

/** One object of a release, as the API server has it. */
export interface Case {
  readonly release: ReleaseRef;
  /** With namespace and Helm's ownership metadata. */
  readonly desired: KubeObject;
  /** Undefined if there is none. */
  readonly live: KubeObject | undefined;
  /** The field manager that Helm writes the release as. */
  readonly manager: string;
  /** What the server makes of the desired object by itself, as `learnFromApply` reads it from a dry run; undefined before one was made. */
  readonly known?: Known;
}

/** What a locker would do about an object, and what it found. */
export interface Judgement {
  readonly operation: Operation;
  /** Where the object differs, as JSON pointers, and the field managers that wrote there. */
  readonly fields: readonly { readonly pointer: string; readonly by: readonly string[] }[];
}

/** Judges one object without a locker: what differs, who wrote it, what a locker would do. */
export function judge({ release, desired, live, manager, known }: Case): Judgement {
  const operation = decide({
    ...UNANSWERED,
    release,
    desired,
    manager,
    known,
    observed: live ? { as: "live", at: 0, object: live } : { as: "absent", at: 0, wasRead: true },
    isApplicable: true,
    wasSeen: false,
    wasRivals: false,
    isFinished: live && isFinished(live),
    isBroughtBack: false,
    knowsControllers: true,
    allowsCreate: false,
  });
  const pointers = live && "fields" in operation ? operation.fields : [];
  return {
    operation,
    fields: pointers.map(pointer => ({ pointer, by: live ? changedBy(live, [pointer], manager) : [] })),
  };
}
