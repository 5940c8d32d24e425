import { groupOf } from "../kube/kinds";
import { perObject } from "../kube/per-object";
import { isObject, type Json, type JsonObject, type KubeObject } from "../kube/object";
import { CATALOGUE } from "./entries";
import type { Entry, Target } from "./entry";
import { valuesAt, type Left, type Path } from "../kube/path";
import { parsePath } from "../kube/path-text";

interface Read {
  readonly index: number;
  readonly target: Target;
  readonly name: RegExp | undefined;
  readonly mark: RegExp | undefined;
  readonly fields: readonly (readonly [path: Path, value: string])[];
  readonly lefts: readonly Left[];
}

/** Reads entries once. @returns what of an object they leave to others, by what its manifest says: the same list for all that are alike */
export function catalogueOf(entries: readonly Entry[]): (desired: KubeObject) => readonly Left[] {
  const read = entries.map(readEntry);
  const ofKinds = new Map<string, readonly Read[]>();
  const lists = new Map<string, readonly Left[]>();
  return desired => {
    const { apiVersion, kind } = desired;
    const key = `${groupOf(apiVersion)} ${kind}`;
    const ofKind = ofKinds.get(key) ?? read.filter(entry => isOfKind(entry, desired));
    ofKinds.set(key, ofKind);
    if (ofKind.length === 0) return [];
    const marks = marksOf(desired);
    const about = ofKind.filter(entry => isAbout(entry, desired, marks));
    const indexes = about.map(({ index }) => index).join();
    const list = lists.get(indexes) ?? about.flatMap(({ lefts }) => lefts);
    lists.set(indexes, list);
    return list;
  };
}

/** What well-known controllers do to an object. */
export const catalogued = perObject(catalogueOf(CATALOGUE));

function readEntry({ name, target, paths, managers, onlyEmpty }: Entry, index: number): Read {
  const by = managers === undefined ? undefined : matching(managers);
  const origin = { is: "known controller", entry: name } as const;
  return {
    index,
    target,
    name: target.name === undefined ? undefined : whole(target.name),
    mark: target.mark === undefined ? undefined : whole(target.mark),
    fields: Object.entries(target.fields ?? {}).map(([path, value]) => [parsePath(path), value]),
    lefts: paths.map(path => ({ path: parsePath(path), origin, onlyEmpty, by })),
  };
}

function matching(managers: string): (manager: string) => boolean {
  const pattern = whole(managers);
  return manager => pattern.test(manager);
}

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

function isAbout(entry: Read, desired: KubeObject, marks: Marks): boolean {
  return (
    (entry.name?.test(desired.metadata.name) ?? true) &&
    isMarked(entry, marks) &&
    entry.fields.every(([path, value]) => valuesAt(desired, path).some(actual => isValue(actual, value)))
  );
}

function isOfKind({ target: { kinds, group } }: Read, { apiVersion, kind }: KubeObject): boolean {
  const groups = group === undefined ? undefined : [group].flat();
  return (kinds?.includes(kind) ?? true) && (groups?.includes(groupOf(apiVersion)) ?? true);
}

function isMarked({ target, mark }: Read, { labels, annotations, keys }: Marks): boolean {
  return (
    hasAll(target.labels, labels) &&
    hasAll(target.annotations, annotations) &&
    (mark === undefined || keys.some(key => mark.test(key)))
  );
}

/** The labels and annotations of a manifest, those of its Pod template included where they count. */
interface Marks {
  readonly labels: readonly JsonObject[];
  readonly annotations: readonly JsonObject[];
  readonly keys: readonly string[];
}

function marksOf(desired: KubeObject): Marks {
  const { labels, annotations } = desired.metadata;
  const template = templateOf(desired);
  const maps = [labels, annotations, template.labels, template.annotations].filter(isObject);
  return {
    labels: [labels].filter(isObject),
    annotations: [annotations, template.annotations].filter(isObject),
    keys: maps.flatMap(map => Object.keys(map)),
  };
}

function hasAll(wanted: Target["labels"], maps: readonly JsonObject[]): boolean {
  if (wanted === undefined) return true;
  return Object.entries(wanted).every(([key, value]) =>
    maps.some(map => Object.hasOwn(map, key) && (value === "*" || map[key] === value)),
  );
}

function isValue(actual: Json, wanted: string): boolean {
  return wanted === "*" || (typeof actual !== "object" && String(actual) === wanted);
}

function templateOf({ spec }: KubeObject): { labels?: Json; annotations?: Json } {
  const template = isObject(spec) ? spec.template : undefined;
  return isObject(template) && isObject(template.metadata) ? template.metadata : {};
}
