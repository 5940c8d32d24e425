import { isDeepStrictEqual } from "node:util";
import { leavesOf, ownersOf, type FieldOwner, type FieldPath } from "../kube/managed-fields";
import type { KubeObject } from "../kube/object";
import { goesThrough, hasAt, leadsTo, pathOf, type Left, type Path } from "../kube/path";
import { hasPut, isEmpty, isSharedList, itemBeyond } from "./left";
import { isApplyOf } from "./owners";
import { take, type Taking } from "./take";

/**
 * The desired object with the live values of what is left to others, so that an apply neither fights them nor strips what it would no
 * longer own.
 *
 * @param helm the field manager that Helm writes as: what its apply holds, an apply without it would strip
 */
export function adopt(desired: KubeObject, live: KubeObject, left: readonly Left[], helm = ""): KubeObject {
  const owners = ownersOf(live);
  return left.reduce(
    (adopted, one) => {
      if (!hasAt(adopted, one.path) && !hasAt(live, one.path)) return adopted;
      return takingsOf(one, { desired, live, owners, helm }).reduce(
        (taken, { path, isWhole }) => take(taken, live, path, { isWhole, mayReplace: mayReplace(one) }),
        adopted,
      );
    },
    withPullSecretsOfOthers(desired, live),
  );
}

function mayReplace({ onlyEmpty, onlyAdded }: Left): Taking["mayReplace"] {
  return (wanted, actual) =>
    onlyAdded !== true && (onlyEmpty !== true || (isEmpty(wanted) && actual !== undefined));
}

/** What may be taken over, and whose it is. */
interface Adoption {
  readonly desired: KubeObject;
  readonly live: KubeObject;
  readonly owners: readonly FieldOwner[];
  readonly helm: string;
}

/** Where something is taken over, and whether as a whole: of what is somebody's only that, not what others have beside it. */
function takingsOf(one: Left, adoption: Adoption): { path: Path; isWhole: boolean }[] {
  const { path, by } = one;
  const { live, owners, helm } = adoption;
  const isInside = owners.some(({ fields }) => leavesOf(fields).some(leaf => goesThrough(path, leaf, live)));
  if (!by) return [{ path, isWhole: one.isWhole ?? (isInside || isHeldBy(helm, path, adoption)) }];
  const theirs = owners.filter(({ manager }) => by(manager));
  return theirs.flatMap(owner =>
    leavesOf(owner.fields)
      .filter(leaf => isContent(leaf) && (leadsTo(path, leaf, live) || goesThrough(path, leaf, live)))
      .flatMap(leaf => takingAt(leaf, { one, owner, isInside }, adoption)),
  );
}

function takingAt(
  leaf: FieldPath,
  { one, owner, isInside }: { one: Left; owner: FieldOwner; isInside: boolean },
  { desired }: Adoption,
): { path: Path; isWhole: boolean }[] {
  const item = itemBeyond(desired, leaf);
  // A list is compared with its order, so that it needs what was added to it.
  const isOfItem = item !== undefined && hasPut(owner, item);
  if (item !== undefined ? !isOfItem : one.onlyAdded === true) return [];
  const path = [...pathOf(leaf), ...one.path.slice(leaf.length)];
  return [{ path, isWhole: one.isWhole ?? (isOfItem || isInside) }];
}

/** Whether the apply of a manager holds something at a path. */
function isHeldBy(manager: string, path: Path, { live, owners }: Adoption): boolean {
  return owners.some(
    owner => isApplyOf(owner, manager) && leavesOf(owner.fields).some(leaf => leadsTo(path, leaf, live)),
  );
}

/** Whether a field is for a chart to say. */
function isContent([first, second]: FieldPath): boolean {
  return (
    first !== "f:status" && (first !== "f:metadata" || second === "f:labels" || second === "f:annotations")
  );
}

/** An apply replaces this list as a whole; of secrets it leaves those that others own. */
function withPullSecretsOfOthers(desired: KubeObject, live: KubeObject): KubeObject {
  const { imagePullSecrets: wanted } = desired;
  const { imagePullSecrets: actual } = live;
  if (!isSharedList(desired, ["f:imagePullSecrets"]) || !Array.isArray(wanted) || !Array.isArray(actual))
    return desired;
  const missing = wanted.filter(item => !actual.some(other => isDeepStrictEqual(item, other)));
  return { ...desired, imagePullSecrets: [...actual, ...missing] };
}
