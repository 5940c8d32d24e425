import { isObject, own, type Json, type JsonObject, type KubeObject } from "../kube/object";
import { counterpartOf } from "./items";
import { ANY, isField, positionsOf, type Path, type Step } from "../kube/path";

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
  return { ...taken, apiVersion, kind, metadata: { ...taken.metadata, name: metadata.name } };
}

function within(
  desired: Json | undefined,
  live: Json | undefined,
  path: Path,
  taking: Taking,
): Json | undefined {
  if (path.length === 0) return gives(desired, live, taking) ? live : desired;
  if (desired === undefined) return taking.isWhole ? withHolder(live, path, taking) : undefined;
  if (isObject(desired) && isObject(live)) return inMap(desired, live, path, taking);
  if (Array.isArray(desired) && Array.isArray(live)) return inList(desired, live, path, taking);
  return desired;
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

/** The fields that a step names; of any field, those that are desired. */
function namesIn(desired: JsonObject, live: JsonObject, step: Step): string[] {
  if (step.is === "any") return Object.keys(desired);
  if (step.is === "item") return [];
  if (step.isPrefix !== true) return [step.name];
  return [...new Set([...Object.keys(desired), ...Object.keys(live)])].filter(name => isField(name, step));
}

function inList(desired: readonly Json[], live: readonly Json[], path: Path, taking: Taking): Json[] {
  const [step = ANY, ...rest] = path;
  const positions = positionsOf(desired, step);
  const taken = desired.flatMap((item, index) => {
    if (!positions.includes(index)) return [item];
    const counterpart =
      step.is === "item"
        ? live.find(other => keyOf(other, step) === keyOf(item, step))
        : counterpartOf(item, index, live);
    const value = within(item, counterpart, rest, taking);
    return value === undefined ? [] : [value];
  });
  return rest.length === 0 && step.is === "item" ? withItems(taken, live, step) : taken;
}

/** A list with the live items that a step names and that it lacks, each where it is live: a list is compared with its order. */
function withItems(
  items: readonly Json[],
  live: readonly Json[],
  step: Extract<Step, { is: "item" }>,
): Json[] {
  const keys = new Set(items.map(item => keyOf(item, step)));
  return positionsOf(live, step)
    .filter(position => !keys.has(keyOf(live[position], step)))
    .reduce((all, position) => all.toSpliced(position, 0, live[position] ?? null), [...items]);
}

function keyOf(item: Json | undefined, { key }: Extract<Step, { is: "item" }>): Json | undefined {
  return isObject(item) ? own(item, key) : undefined;
}
