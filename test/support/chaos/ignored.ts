import { z } from "zod";
import type { Body, KubeObject } from "../../../hack/lib/objects";
import { subjects } from "./chart";
import type { Desired, Objects } from "./desired";

const node = z.record(z.string(), z.unknown());
const list = z.array(node);

/** Ignore rules for every field of the subjects that can be ignored. */
export const RULES: readonly Body[] = subjects.flatMap(({ kind, name, ignorable: paths = [] }) =>
  paths.length > 0 ? [{ paths, target: { kind, name: `.+-${name}` } }] : [],
);

/** What others than the locker last wrote into the ignored fields of a release's objects. */
export class Ignored {
  readonly #written = new Map<string, KubeObject | undefined>();
  /** Whether nobody knows what that is, as the locker may not have known of the rules yet. */
  isUncertain = true;

  /** Notes what others have made of an object. */
  note(path: string, object: KubeObject | undefined): void {
    this.#written.set(path, object);
  }

  noteAll(objects: Objects<KubeObject>): void {
    for (const [path, object] of objects) this.note(path, object);
  }

  /** What a live object has to be like, where the manifest says what it is like without any rules. */
  wanted(path: string, desired: Desired, live: KubeObject | undefined): Desired {
    const isKnown = !this.isUncertain || this.#written.has(path);
    const written = isKnown ? this.#written.get(path) : live;
    const fields = subjects.find(({ name }) => path.endsWith(`-${name}`))?.ignorable ?? [];
    return fields.reduce((wanted, field) => {
      const steps = field.split("/").slice(1);
      const value = valueAt(written, steps);
      return value === undefined ? wanted : { ...wanted, ...node.parse(put(wanted, steps, value)) };
    }, desired);
  }
}

function valueAt(value: unknown, [step, ...rest]: string[]): unknown {
  if (step === undefined || value === undefined) return value;
  const isStep = isItem(step);
  const next = isStep ? list.parse(value).find(isStep) : node.parse(value)[step];
  return valueAt(next, rest);
}

function put(into: unknown, [step, ...rest]: string[], value: unknown): unknown {
  if (step === undefined) return value;
  const isStep = isItem(step);
  if (isStep) return list.parse(into).map(item => (isStep(item) ? put(item, rest, value) : item));
  const fields = node.parse(into);
  return { ...fields, [step]: put(fields[step], rest, value) };
}

/** The list item that a step is about; undefined if it is about a field. */
function isItem(step: string): ((item: Body) => boolean) | undefined {
  const [, key, value] = /^\[(.*)=(.*)\]$/.exec(step) ?? [];
  return key === undefined ? undefined : item => item[key] === value;
}
