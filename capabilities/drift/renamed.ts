import { addTo } from "../kube/lists";
import { elementFor, ownersOf, type FieldOwner, type FieldPath, type Found } from "../kube/managed-fields";
import { isObject, type Json, type KubeObject } from "../kube/object";
import { isOfList, passedIn, type Passed } from "../kube/passed";
import { perObject } from "../kube/per-object";
import { isCounted } from "./additions";

/** A list item that nobody has put there under its name. */
export interface Renamed extends Found {
  /** By the name that it has. */
  readonly path: FieldPath;
}

/** A list that lacks items that are somebody's. */
interface Lacking {
  readonly owners: ReadonlySet<FieldOwner>;
  /** Its items that nobody's entry has. */
  readonly nameless: readonly Renamed[];
}

/**
 * Finds the list items that may be what an owner has put there under another name: of its own items, the list lacks one, and of the list's,
 * everybody's entries lack one. They have the keys that were applied, of which the server may make others, as of an empty protocol of a
 * port its default.
 */
export function renamedOf(owner: FieldOwner, live: KubeObject): Renamed[] {
  return lackingIn(live)
    .filter(({ owners }) => owners.has(owner))
    .flatMap(({ nameless }) => nameless);
}

/** A step to an item of a list, and who has the item. */
interface Owned extends Passed {
  readonly owner: FieldOwner;
}

/** Whoever may write an object may write into its managedFields whatever they like: each list is searched once, however much it lacks. */
const lackingIn = perObject((live: KubeObject): readonly Lacking[] => {
  const owned = ownersOf(live).flatMap(owner => itemsOf(owner, live));
  const lists = new Map<string, Owned[]>();
  for (const one of owned) addTo(lists, one.from.pointer, one);
  return [...lists.values()].flatMap(items => {
    const lost = items.filter(({ to }) => to === undefined);
    const [example] = lost;
    return example
      ? [{ owners: new Set(lost.map(({ owner }) => owner)), nameless: namelessIn(items, example) }]
      : [];
  });
});

/** Every list item that an owner has, or has had. */
function itemsOf(owner: FieldOwner, live: KubeObject): Owned[] {
  const counted = Object.entries(owner.fields).filter(
    ([step, below]) => isCounted(live, [step]) && holdsItems(below),
  );
  return passedIn(live, Object.fromEntries(counted))
    .filter(isOfList)
    .map(passed => ({ ...passed, owner }));
}

/** Whether an owner has an item of any list in a set of fields. */
function holdsItems(fields: Json): boolean {
  return (
    isObject(fields) &&
    Object.keys(fields).some(
      step => (step !== "." && !step.startsWith("f:")) || holdsItems(fields[step] ?? null),
    )
  );
}

/** The items of a list that nobody has. @param like one that the list lacks: its keys are those of all */
function namelessIn(owned: readonly Owned[], { from: list, path: like }: Owned): Renamed[] {
  if (!Array.isArray(list.value)) return [];
  const named = new Set(owned.map(({ to }) => to?.pointer));
  return list.value.flatMap((value, index) => {
    const pointer = `${list.pointer}/${index}`;
    const element = named.has(pointer) ? undefined : elementFor(value, like.at(-1) ?? "");
    return element === undefined ? [] : [{ pointer, value, path: [...like.slice(0, -1), element] }];
  });
}
