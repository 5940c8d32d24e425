import fc from "fast-check";
import { subjects, type HandChange, type Subject } from "./chart";

/** A release in a run, and the helm that writes it. */
export class Release {
  constructor(
    readonly name: string,
    readonly helm: "helm" | "helm4",
  ) {}

  toJSON(): string {
    return this.name;
  }
}

export const releases: readonly Release[] = [
  new Release("web", "helm"),
  new Release("shop", "helm"),
  new Release("api", "helm4"),
];

/** A manual change of one object of a release. */
export class Touch {
  constructor(
    readonly subject: Subject,
    readonly how: string,
    readonly change: HandChange,
  ) {}

  toJSON(): string {
    return `${this.subject.name} ${this.how}`;
  }
}

/** What helm does to a release. Touches happen meanwhile, once helm is at work. */
export type HelmOperation =
  /** Installs the release if there is none. */
  | { do: "upgrade"; isLarge: boolean; meanwhile: Touch[] }
  | { do: "fail an upgrade of"; meanwhile: Touch[] }
  /** To the deployed revision that is so many before the last one. */
  | { do: "roll back"; by: number; meanwhile: Touch[] }
  | { do: "uninstall" };

/** What happens to a release. */
export type ReleaseOperation =
  | HelmOperation
  | { do: "touch"; touch: Touch }
  | { do: "lock" }
  | { do: "unlock" };

/** What happens to the locker: a SIGKILL, and a start that nobody waits for. */
export interface LockerOperation {
  do: "kill the locker" | "start the locker";
}

/** One step of a run: plain data that reads well as JSON. A step that is impossible when its turn comes is left out. */
export type Operation = (ReleaseOperation & { release: Release }) | LockerOperation;

const touch: fc.Arbitrary<Touch> = fc.constantFrom(
  ...subjects.flatMap(subject =>
    Object.entries(subject.changes).map(([how, change]) => new Touch(subject, how, change)),
  ),
);
const meanwhile = fc.array(touch, { maxLength: 4 });

const releaseOperation: fc.Arbitrary<ReleaseOperation> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant("touch"), touch }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("upgrade"), isLarge: fc.boolean(), meanwhile }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("fail an upgrade of"), meanwhile }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("roll back"), by: fc.nat(2), meanwhile }) },
  { weight: 1, arbitrary: fc.constantFrom({ do: "uninstall" }, { do: "unlock" }) },
  { weight: 1, arbitrary: fc.constant({ do: "lock" }) },
);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(fc.constantFrom(...releases), releaseOperation)
      .map(([release, its]) => ({ release, ...its })),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("kill the locker", "start the locker") }) },
);

/** Operations that follow each other at once. */
export type Batch = Operation[];

/** Runs: batches; after each batch, everything comes to rest. */
export function runs(length: { minLength: number; maxLength: number }): fc.Arbitrary<Batch[]> {
  const batch = fc.array(operation, { minLength: 1, maxLength: 16, size: "max" });
  return fc.array(batch, { ...length, size: "max" });
}
