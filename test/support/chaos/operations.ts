import fc from "fast-check";
import { subjects, type HandChange, type Subject } from "./chart";
import type { Rule } from "./rule";
import type { Terms } from "./terms";

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

  /** Whether it is another change each time. */
  get isVaried(): boolean {
    return this.change.patch?.length === 1;
  }

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

/** What the HelmRelease of a release asks for from now on. */
export type PolicyOperation = { do: "lock" } | { do: "unlock" } | { do: "ask"; for: Partial<Terms> };

/** What the HelmLockerPolicy of a run says from now on; that there is none. */
export type RuleOperation = { do: "rule"; by: Rule } | { do: "repeal" };

/** What others do to a release. */
export type HandOperation =
  /** Those who wait do nothing else until the change is reverted. */
  | { do: "touch"; touch: Touch; isWaitedFor: boolean }
  /** Makes ever new changes of the same place, more than one of them before any is reverted. */
  | { do: "fight"; touch: Touch }
  /** Names another release on an object, one that has a record elsewhere which tracks it. */
  | { do: "forge"; subject: Subject; plural: "secrets" | "configmaps" }
  /** Lets the locker's writes of ConfigMaps hang until everything is to come to rest. */
  | { do: "hang" };

/** What happens to a release. */
export type ReleaseOperation = HelmOperation | PolicyOperation | HandOperation;

export function isByHand(operation: Pick<Operation, "do">): operation is HandOperation {
  return ["touch", "fight", "forge", "hang"].includes(operation.do);
}

export function isAsked(operation: Pick<Operation, "do">): operation is PolicyOperation {
  return ["lock", "unlock", "ask"].includes(operation.do);
}

export function isRule(operation: Pick<Operation, "do">): operation is RuleOperation {
  return ["rule", "repeal"].includes(operation.do);
}

/** What happens to the locker: a SIGKILL, and a start that nobody waits for. */
export interface LockerOperation {
  do: "kill the locker" | "start the locker";
}

/** What happens between the locker and the API server, until everything is to come to rest or by itself. */
export interface FaultOperation {
  do:
    | "cut the connections"
    | "expire the watches"
    | "silence the connections"
    | "delay the events"
    | "fail requests"
    | "restart the API server";
}

/** One step of a run: plain data that reads well as JSON. A step that is impossible when its turn comes is left out. */
export type Operation =
  | (ReleaseOperation & { release: Release })
  | RuleOperation
  | LockerOperation
  | FaultOperation;

const touches = subjects.flatMap(subject =>
  Object.entries(subject.changes).map(([how, change]) => new Touch(subject, how, change)),
);
const touch: fc.Arbitrary<Touch> = fc.constantFrom(...touches);
const meanwhile = fc.array(touch, { maxLength: 4 });

const handOperation: fc.Arbitrary<HandOperation> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ do: "hang" }) },
  { weight: 20, arbitrary: fc.record({ do: fc.constant("touch"), touch, isWaitedFor: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("fight"),
      touch: fc.constantFrom(...touches.filter(({ isVaried }) => isVaried)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("forge"),
      subject: fc.constantFrom(...subjects),
      plural: fc.constantFrom("secrets", "configmaps"),
    }),
  },
);

const wish: fc.Arbitrary<Partial<Terms>> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ suspends: fc.constantFrom("no", "until resumed", "for a while") }),
  },
  { weight: 3, arbitrary: fc.record({ mode: fc.constantFrom("enabled", "warn", "disabled") }) },
  { weight: 3, arbitrary: fc.record({ ignores: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ records: fc.constantFrom("Fields", "Values", "None") }) },
);

const releaseOperation: fc.Arbitrary<ReleaseOperation> = fc.oneof(
  { weight: 12, arbitrary: handOperation },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("upgrade"), isLarge: fc.boolean(), meanwhile }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("fail an upgrade of"), meanwhile }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("roll back"), by: fc.nat(2), meanwhile }) },
  { weight: 1, arbitrary: fc.constantFrom({ do: "uninstall" }, { do: "unlock" }) },
  { weight: 1, arbitrary: fc.constant({ do: "lock" }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("ask"), for: wish }) },
);

const ruleOperation: fc.Arbitrary<RuleOperation> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("rule"),
      by: fc.record({
        names: fc.constantFrom(["*"], ["*"], ["s*", "api"]),
        mode: fc.constantFrom("enabled", "enabled", "warn", "disabled"),
        ignores: fc.boolean(),
      }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "repeal" }) },
);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(fc.constantFrom(...releases), releaseOperation)
      .map(([release, its]) => ({ release, ...its })),
  },
  { weight: 1, arbitrary: ruleOperation },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("kill the locker", "start the locker") }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "cut the connections",
        "expire the watches",
        "silence the connections",
        "delay the events",
        "fail requests",
        "restart the API server",
      ),
    }),
  },
);

/** Operations that follow each other at once. */
export type Batch = Operation[];

/** Runs: batches; after each batch, everything comes to rest. */
export function runs(length: { minLength: number; maxLength: number }): fc.Arbitrary<Batch[]> {
  const batch = fc.array(operation, { minLength: 1, maxLength: 16, size: "max" });
  return fc.array(batch, { ...length, size: "max" });
}
