import { isDeepStrictEqual } from "node:util";
import { digestOf } from "../kube/digest";
import {
  escapePointer,
  find,
  isWithin,
  ownersOf,
  type FieldOwner,
  type FieldPath,
} from "../kube/managed-fields";
import { bodyOf, isObject, own, type Json, type KubeObject, type PatchOperation } from "../kube/object";
import { isOfList, passedIn } from "../kube/passed";
import { perObject } from "../kube/per-object";
import { isCounted, leavesIn, type Judging } from "./additions";
import { setsOf } from "./differences";
import { areSameItems, counterpartOf } from "./items";
import { hasPut, isEmpty, isLeft, itemBeyond, keepsAdditions } from "./left";
import { byPosition, nameless, unchanged } from "./mend";
import { isController } from "./owners";
import { take, WHAT_IS_LACKING } from "./take";
import { fieldsOf, pathOf, positionsOf, type Left, type Path } from "../kube/path";

/** A place at which an object is not as the server makes it of what is desired; undefined stands for nothing. */
export interface Astray {
  readonly pointer: string;
  readonly now: Json | undefined;
  readonly anew: Json | undefined;
}

/**
 * A digest of what an object has, without what is others': the same for each state in which it is right, the server's defaults included,
 * of which nobody's entry tells that somebody has changed them.
 */
export function rightnessOf(judging: Judging): string {
  const others = new Set([...othersIn(judging), REPLICAS]);
  // What stands unasked may be anything: it is no measure of what may be there once it does not.
  const measure = keepsAdditions(judging.left) ? "with what others add" : "";
  return digestOf(measure, without(bodyOf(judging.live), others, "") ?? null);
}

/** Compared with what is desired, or left to others. */
const REPLICAS = "/spec/replicas";

/** What is desired, with what is left to others: of an object whose owners nobody knows, too. */
export function withOthers({ desired, live, left }: Judging): KubeObject {
  return left
    .filter(isAnybodys)
    .reduce((whole, { path }) => take(whole, live, path, WHAT_IS_LACKING), desired);
}

/** The same with what others have because of who they are: a controller of the object, or one to whom it is left. */
export function withAllOthers(judging: Judging): KubeObject {
  const { desired, live } = judging;
  return ownedByOthers(judging)
    .filter(({ owner, leaf }) => {
      const item = itemBeyond(desired, leaf);
      return isCounted(live, leaf) && (item === undefined || hasPut(owner, item));
    })
    .reduce((whole, { leaf }) => take(whole, live, pathOf(leaf), WHAT_IS_LACKING), withOthers(judging));
}

/** A JSON patch that makes everything anew that is for a chart to say: its dry run shows what the server makes of it. */
export function makingAnew(desired: KubeObject, live: KubeObject): PatchOperation[] {
  const wanted = Object.entries(bodyOf(desired));
  const gone = Object.keys(bodyOf(live)).filter(key => !Object.hasOwn(desired, key));
  return [
    ...unchanged(live),
    ...wanted.map(([key, value]) => ({ op: "add" as const, path: `/${escapePointer(key)}`, value })),
    ...gone.map(key => ({ op: "remove" as const, path: `/${escapePointer(key)}` })),
  ];
}

/** Where an object is not as the server makes it anew, what is others' aside; of a list whose items have owners of their own, each item that is too much. */
export function astray(judging: Judging, anew: KubeObject): Astray[] {
  const others = othersIn(judging);
  const isOthers = (pointer: string) =>
    others.some(other => isWithin(other, pointer) || isWithin(pointer, other));
  const places = apart(bodyOf(judging.live), bodyOf(anew), "");
  return places
    .flatMap(place => tooMuchIn(judging.live, place) ?? [place])
    .filter(({ pointer }) => !isOthers(pointer));
}

/** The items that a list has beside all that it has anew; undefined where it is not such a list. An apply takes none of them away. */
function tooMuchIn(live: KubeObject, { pointer: list, now, anew }: Astray): Astray[] | undefined {
  if (!Array.isArray(now) || !Array.isArray(anew) || !listsOfOwnedItems(live).has(list)) return undefined;
  const rest = [...anew];
  const items = now.flatMap((item, index) => {
    if (!isDeepStrictEqual(item, rest[0]))
      return [{ pointer: `${list}/${index}`, now: item, anew: undefined }];
    rest.shift();
    return [];
  });
  return rest.length === 0 ? items : undefined;
}

/** JSON pointers to the lists whose items managedFields tell apart. */
const listsOfOwnedItems = perObject((live: KubeObject): ReadonlySet<string> => {
  const passed = ownersOf(live).flatMap(({ fields }) => passedIn(live, fields));
  return new Set(passed.filter(isOfList).map(({ from }) => from.pointer));
});

/** A JSON patch that brings back what has gone astray. */
export function bringingBack(live: KubeObject, places: readonly Astray[]): PatchOperation[] {
  // From the back, so that no removal moves the list items that are still to be brought back.
  const fromTheBack = places.toSorted((one, other) => byPosition(other.pointer, one.pointer));
  return [
    ...unchanged(live),
    ...fromTheBack.map(({ pointer: path, now, anew }): PatchOperation => {
      if (anew === undefined) return { op: "remove", path };
      return { op: now === undefined ? "add" : "replace", path, value: anew };
    }),
  ];
}

/** JSON pointers to what controllers of the object have written, to what is left to others, and to what they extend. */
export function othersIn(judging: Judging): string[] {
  const { desired, live, left } = judging;
  return [
    ...ownedByOthers(judging).flatMap(({ leaf }) => find(live, leaf)?.pointer ?? []),
    ...sharedLists(desired, live),
    ...left.filter(isAnybodys).flatMap(one => pointersTo(live, one)),
  ];
}

/** What owners have because of who they are. */
function ownedByOthers(judging: Judging): { owner: FieldOwner; leaf: FieldPath }[] {
  const { desired, live } = judging;
  const owners = ownersOf(live);
  const isOthers = (owner: FieldOwner) => owner.subresource !== undefined || isController(owner, owners);
  return leavesIn(live).filter(
    ({ owner, leaf }) => (isOthers(owner) && !find(desired, leaf)) || isLeft(judging, owner, leaf),
  );
}

/** Lists that others extend; of one that has items without a name, which nobody can have meant, only the items that have one. */
function sharedLists(desired: KubeObject, live: KubeObject): string[] {
  const senseless = nameless({ desired, live }).map(({ pointer }) => pointer);
  return [...setsOf(desired)].flatMap(list => {
    const items = own(live, list.slice(1));
    if (!Array.isArray(items) || !senseless.some(pointer => isWithin(pointer, list))) return [list];
    return items.map((_, index) => `${list}/${index}`).filter(pointer => !senseless.includes(pointer));
  });
}

function isAnybodys({ by }: Left): boolean {
  return by === undefined;
}

/** JSON pointers to what is left to others of an object. */
function pointersTo(live: KubeObject, { path, onlyEmpty, manifest }: Left): string[] {
  const places = placesAt(live, manifest, path, "");
  return places.filter(({ said }) => onlyEmpty !== true || isEmpty(said)).map(({ pointer }) => pointer);
}

/** Each place that a path names, with what the manifest says there. */
function placesAt(
  value: Json,
  said: Json | undefined,
  [step, ...rest]: Path,
  at: string,
): { pointer: string; said: Json | undefined }[] {
  if (step === undefined) return [{ pointer: at, said }];
  if (Array.isArray(value))
    return positionsOf(value, step).flatMap(index => {
      const item = value[index] ?? null;
      const counterpart = Array.isArray(said) ? counterpartOf(item, index, said) : undefined;
      return placesAt(item, counterpart, rest, `${at}/${index}`);
    });
  if (!isObject(value)) return [];
  return fieldsOf(value, step).flatMap(name =>
    placesAt(
      value[name] ?? null,
      isObject(said) ? own(said, name) : undefined,
      rest,
      `${at}/${escapePointer(name)}`,
    ),
  );
}

/** A value without some places, and without what has only held them. */
function without(value: Json, places: ReadonlySet<string>, at: string): Json | undefined {
  if (places.has(at)) return undefined;
  if (Array.isArray(value)) {
    const left = value
      .map((item, index) => without(item, places, `${at}/${index}`))
      .filter(item => item !== undefined);
    return left.length === 0 && value.length > 0 ? undefined : left;
  }
  if (!isObject(value)) return value;
  const left = Object.entries(value).flatMap(([key, inner]): [string, Json][] => {
    const kept = without(inner, places, `${at}/${escapePointer(key)}`);
    return kept === undefined ? [] : [[key, kept]];
  });
  return left.length === 0 && Object.keys(value).length > 0 ? undefined : Object.fromEntries(left);
}

/** The places at which two values differ, none inside another; lists of other items differ as a whole. */
function apart(now: Json | undefined, anew: Json | undefined, at: string): Astray[] {
  if (isDeepStrictEqual(now, anew)) return [];
  if (isObject(now) && isObject(anew)) {
    const keys = new Set([...Object.keys(now), ...Object.keys(anew)]);
    return [...keys].flatMap(key => apart(own(now, key), own(anew, key), `${at}/${escapePointer(key)}`));
  }
  if (Array.isArray(now) && Array.isArray(anew) && areSameItems(now, anew))
    return now.flatMap((item, index) => apart(item, anew[index], `${at}/${index}`));
  return [{ pointer: at, now, anew }];
}
