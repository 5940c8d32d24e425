import type { Drifted } from "../drift/drifted";
import type { KubeObject } from "../kube/object";
import { releaseKey } from "../release/release";
import type { Lock } from "../state/lock";
import type { Reverted } from "../state/news";
import type { Mode } from "../state/standing";
import type { EventReason } from "./event-reasons";
import type { Told } from "./event-series";
import { modeWords } from "./mode-words";
import { cut, few, nameOf } from "./words";

/** How many writers are named. */
const MOST_NAMES = 5;

/** What happened to an object, by operation. */
const OUTCOMES: Record<Reverted["operation"], string> = {
  create: "was deleted and is back",
  apply: "was changed and is restored",
  remove: "was added to and is restored",
};

/** What an Event says of a revert. */
export function revertedWords({ tracked, operation, fields, by }: Reverted): string {
  return `${nameOf(tracked.desired)} ${OUTCOMES[operation]}${byWhom(by.join(", "))}${where(fields)}`;
}

/** What differs of an object, by what would put it right. */
const DIFFERENCES: Record<Drifted["operation"], string> = {
  create: "is missing",
  apply: "differs",
  remove: "was added to",
};

/** What an Event or a condition says of an object that differs. */
export function driftedWords(object: KubeObject, { operation, fields, by }: Drifted): string {
  return `${nameOf(object)} ${DIFFERENCES[operation]}${byWhom(few(by, MOST_NAMES))}${where(fields)}`;
}

function byWhom(names: string): string {
  return names === "" ? "" : ` (changed by ${names})`;
}

function where(fields: readonly string[]): string {
  return fields.length > 0 ? `: ${few(fields)}` : "";
}

/**
 * What an Event on a reverted object says to whoever has changed it.
 *
 * @param holder the HelmRelease that locks it
 */
export function authorWords(
  { tracked: { lock }, operation, fields, by }: Reverted,
  holder: { readonly name: string; readonly namespace: string },
): Told {
  const { name, namespace } = lock.release;
  const what = operation === "create" ? "Made anew" : `Restored ${few(fields.map(field => cut(field, 100)))}`;
  const advice =
    `: Helm release ${releaseKey(lock.release)} is locked. ` +
    `To change it: helm upgrade ${name} -n ${namespace}, or suspend the lock: ` +
    `kubectl patch hrl ${holder.name} -n ${holder.namespace} --type=merge -p '{"spec":{"suspend":true}}'`;
  return { message: `${what}${byWhom(by.join(", "))}`, advice };
}

/** The Event of a mode that was chosen. */
export function modeEvent(lock: Lock, mode: Mode): [EventReason, string] | undefined {
  if (mode === "enabled")
    return lock.phase?.stance === "lock" ? stanceEvent(lock, "lock", undefined) : undefined;
  const { reason, message } = modeWords(mode, lock);
  return [reason, message];
}

/** Events for changes of stance, with the original's reasons. */
export function stanceEvent(
  lock: Lock,
  stance: string,
  before: string | undefined,
): [EventReason, string] | undefined {
  const release = releaseKey(lock.release);
  if (stance === "lock")
    return [
      "Locked",
      `Locked ${lock.objects.size} objects of release ${release} at revision ${lock.record?.revision ?? 0}`,
    ];
  if (stance === "stand down")
    return [
      "Transitioning",
      `Unlocked release ${release} to allow changes while Helm operation is being executed`,
    ];
  return before === undefined ? undefined : ["Untracked", `Objects of release ${release} are not tracked`];
}
