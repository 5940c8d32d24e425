import { isObject, own, type Json, type JsonObject, type KubeObject } from "../kube/object";
import { SERVER_METADATA } from "../release/normalize";
import { counterpartOf } from "./items";
import { keysOf } from "../kube/managed-fields";
import { ANY, fieldsOf, positionsOf, type Path, type Step } from "../kube/path";

/** What of the desired object gives way to the live one at the end of a path. */
export interface Taking {
  /** Whether the path ends inside a list or map that an apply replaces as a whole: then also what the desired object lacks. */
  readonly isWhole: boolean;
  /** Whether a desired value may be replaced. */
  readonly mayReplace: (desired: Json, live: Json | undefined) => boolean;
}

/** Of what the desired object lacks, everything. */
export const WHAT_IS_LACKING: Taking = { isWhole: true, mayReplace: () => false };

/**
 * The desired object with the live value at the end of a path: what is left to others keeps its value through every apply. Source:
 * fluxcd/pkg ssa, on ignored fields.
 */
export function take(desired: KubeObject, live: KubeObject, path: Path, taking: Taking): KubeObject {
  const { apiVersion, kind, metadata } = desired;
  const taken = within(desired, live, path, taking);
  if (!isObject(taken) || !isObject(taken.metadata)) return desired;
  const whole = { ...taken, apiVersion, kind, metadata: { ...taken.metadata, name: metadata.name } };
  return path.length > 2 ? whole : withoutTheServers(whole, desired);
}

/** A path to much of an object takes nothing that is not for a chart to say. */
function withoutTheServers(taken: KubeObject, desired: KubeObject): KubeObject {
  const metadata = { ...taken.metadata };
  const whole = { ...taken, metadata };
  for (const name of SERVER_METADATA) putBack(metadata, desired.metadata, name);
  putBack(whole, desired, "status");
  return whole;
}

function putBack(into: JsonObject, from: JsonObject, name: string): void {
  const value = own(from, name);
  if (value === undefined) Reflect.deleteProperty(into, name);
  else into[name] = value;
}

function within(
  desired: Json | undefined,
  live: Json | undefined,
  path: Path,
  taking: Taking,
): Json | undefined {
  if (path.length === 0) return gives(desired, live, taking) ? live : desired;
  if (desired === undefined) return taking.isWhole ? withHolder(live, path, taking) : undefined;
  if (live === undefined) return inNothing(desired, path, taking);
  if (isObject(desired) && isObject(live)) return inMap(desired, live, path, taking);
  if (Array.isArray(desired) && Array.isArray(live)) return inList(desired, live, path, taking);
  return desired;
}

/** Of what is not live, the desired rest; nothing, where that leaves nothing. */
function inNothing(desired: Json, path: Path, taking: Taking): Json | undefined {
  if (typeof desired !== "object" || desired === null) return desired;
  const rest = Array.isArray(desired) ? inList(desired, [], path, taking) : inMap(desired, {}, path, taking);
  return Object.keys(rest).length === 0 && Object.keys(desired).length > 0 ? undefined : rest;
}

/** What is live at the end of a path, in the maps and lists that hold it and that the desired object lacks. */
function withHolder(live: Json | undefined, path: Path, taking: Taking): Json | undefined {
  const holder = Array.isArray(live)
    ? inList([], live, path, taking)
    : isObject(live) && inMap({}, live, path, taking);
  return holder !== false && Object.keys(holder).length > 0 ? holder : undefined;
}

function gives(desired: Json | undefined, live: Json | undefined, { isWhole, mayReplace }: Taking): boolean {
  return desired === undefined ? isWhole : mayReplace(desired, live);
}

function inMap(desired: JsonObject, live: JsonObject, path: Path, taking: Taking): JsonObject {
  const [step = ANY, ...rest] = path;
  // Unlike an object that is assigned to, a map takes `__proto__` for a key like any other.
  const taken = new Map(Object.entries(desired));
  for (const name of namesIn(desired, live, step)) {
    const value = within(own(desired, name), own(live, name), rest, taking);
    if (value === undefined) taken.delete(name);
    else taken.set(name, value);
  }
  return Object.fromEntries(taken);
}

/** The fields that a step names. */
function namesIn(desired: JsonObject, live: JsonObject, step: Step): Set<string> {
  return new Set([desired, live].flatMap(map => fieldsOf(map, step)));
}

function inList(desired: readonly Json[], live: readonly Json[], path: Path, taking: Taking): Json[] {
  const [step = ANY, ...rest] = path;
  if (rest.length === 0 && step.is === "any")
    return gives([...desired], [...live], taking) ? [...live] : [...desired];
  if (rest.length === 0 && step.is !== "field") return withItems(desired, live, step, taking);
  const positions = new Set(positionsOf(desired, step));
  const taken = desired.flatMap((item, index) => {
    if (!positions.has(index)) return [item];
    const counterpart = counterpartIn(live, item, index, step);
    // What is gone as a whole comes back as the chart has it.
    if (counterpart === undefined && rest.length > 0) return [item];
    const value = within(item, counterpart, rest, taking);
    return value === undefined ? [] : [value];
  });
  return step.is === "element" && taking.isWhole ? withItem(taken, live, path, taking) : taken;
}

function counterpartIn(live: readonly Json[], item: Json, index: number, step: Step): Json | undefined {
  switch (step.is) {
    case "item":
      return live.find(other => keyOf(other, step) === keyOf(item, step));
    case "element":
      return live[positionsOf(live, step)[0] ?? -1];
    case "any":
    case "field":
      return counterpartOf(item, index, live);
  }
}

/** A list with the live items that a step names in place of its own, each where it is live: a list is compared with its order. */
function withItems(items: readonly Json[], live: readonly Json[], step: Step, taking: Taking): Json[] {
  const named = new Set(positionsOf(items, step));
  const kept = items.filter(
    (item, index) => !named.has(index) || !taking.mayReplace(item, counterpartIn(live, item, index, step)),
  );
  return positionsOf(live, step)
    .filter(position => {
      const item = live[position] ?? null;
      return counterpartIn(kept, item, position, step) === undefined;
    })
    .reduce((all, position) => all.toSpliced(position, 0, live[position] ?? null), kept);
}

/** A list with the live item that a path goes through, where it lacks that; of the item only what is at the path. */
function withItem(items: readonly Json[], live: readonly Json[], path: Path, taking: Taking): Json[] {
  const [step = ANY, ...rest] = path;
  const [position] = positionsOf(live, step);
  if (position === undefined || positionsOf(items, step).length > 0) return [...items];
  const item = within(undefined, live[position], rest, taking);
  return item === undefined ? [...items] : items.toSpliced(position, 0, withKeys(item, step));
}

/** What is in an item, with the keys that it is known by. */
function withKeys(item: Json, step: Step): Json {
  return isObject(item) && step.is === "element" ? { ...keysOf(step.element), ...item } : item;
}

function keyOf(item: Json | undefined, { key }: Extract<Step, { is: "item" }>): Json | undefined {
  return isObject(item) ? own(item, key) : undefined;
}
