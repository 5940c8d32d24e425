import { isDeepStrictEqual } from "node:util";
import type { Model } from "./model";
import {
  isAsked,
  isByHand,
  type HandOperation,
  type HelmOperation,
  type PolicyOperation,
  type ReleaseOperation,
} from "./operations";
import { isLooser } from "./terms";

/** Whether an operation can be performed in the state in which a release is. */
export function isPossible(model: Model, operation: ReleaseOperation): boolean {
  if (isByHand(operation)) return isTouchable(model, operation);
  if (isAsked(operation)) return isAskable(model, operation);
  return !model.isUpset && isRunnable(model, operation);
}

function isRunnable(model: Model, operation: HelmOperation): boolean {
  switch (operation.do) {
    case "upgrade":
      return true;
    case "fail an upgrade of":
      return model.state === "deployed";
    case "roll back":
      return model.target(operation.by) !== undefined;
    case "uninstall":
      return model.state !== "absent";
  }
}

/** A change that helm stumbles over has to be reverted before helm runs. */
function isTouchable(model: Model, operation: HandOperation): boolean {
  const { isHeld, isHung, state } = model;
  if (operation.do !== "hang" && !isRestored(model, operation)) return false;
  if (isHeld) return operation.do !== "hang" || !isHung;
  if (operation.do === "forge" || operation.do === "hang") return false;
  return state !== "absent" && model.isSafe(operation.touch.change);
}

/** What a policy has just locked is not created, and not taken from another release, before the locker has seen it live. */
function isRestored(model: Model, operation: Exclude<HandOperation, { do: "hang" }>): boolean {
  if (operation.do === "forge") return model.mayRestore(model.path(operation.subject));
  const { subject, change } = operation.touch;
  const isSlight = change.patch !== undefined && change.upsetsHelm !== true;
  return isSlight || model.mayRestore(model.path(subject));
}

/** The same before the locker may leave it as it is. */
function isAskable({ isByHand, isUpset, terms }: Model, operation: PolicyOperation): boolean {
  if (operation.do === "lock") return !isByHand;
  if (!isByHand) return false;
  if (operation.do === "unlock") return !isUpset;
  if (isUpset && isLooser(operation.for)) return false;
  return !isDeepStrictEqual({ ...terms, ...operation.for }, terms);
}
