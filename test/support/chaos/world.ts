import assert from "node:assert/strict";
import type { KubeObject } from "../../../hack/lib/objects";
import { helmRelease, helmReleasePath, register, untilStatus } from "../../../hack/locker/helm-release";
import { writeChart } from "../chart";
import { AFTER_START, STATUS } from "../in-time";
import { policyPath } from "../locker-policies";
import type { Room } from "../room";
import { chart } from "./chart";
import { Helm } from "./helm";
import { Model } from "./model";
import { Hands } from "./hands";
import {
  isAsked,
  isByHand,
  isRule,
  Release,
  releases,
  type HandOperation,
  type HelmOperation,
  type FaultOperation,
  type LockerOperation,
  type Operation,
  type PolicyOperation,
  type ReleaseOperation,
  type RuleOperation,
} from "./operations";
import type { Objects } from "./desired";
import { isPossible } from "./possible";
import { isRight } from "./right";
import { lockerPolicyFor, termsFor, type Rule } from "./rule";
import { Silence } from "./silence";
import { endOfSuspension, specFor, type Terms } from "./terms";
import { Weather } from "./weather";

/** Lets the locker create even objects that it has not seen since its start: a Role that is deleted while the locker is away. */
const ALLOW_CREATE = { annotations: { "helmreleases.cattle.io/allow-create": "true" } };

/** The releases of a run, their locks and the locker, on a real API server. */
export class World {
  /** A locked release to which nothing happens except the changes that show that the locker has come to rest. */
  readonly sentinel: Model;
  readonly models: readonly Model[];
  readonly hands: Hands;
  readonly weather: Weather;
  readonly silences: Silence[] = [];
  /** What the policy of the run says, if there is one. */
  rule: Rule | undefined;
  #started: Promise<void> | undefined;
  #isReady = false;

  private constructor(
    readonly room: Room,
    readonly namespace: string,
    readonly helm: Helm,
    { hands, weather }: Pick<World, "hands" | "weather">,
  ) {
    this.hands = hands;
    this.weather = weather;
    this.sentinel = new Model(new Release("sentinel", "helm"), namespace);
    this.models = releases.map(release => new Model(release, namespace));
  }

  /**
   * Installs and locks every release.
   *
   * @param namespace a new one
   * @param room in which no locker runs
   */
  static async open(room: Room, namespace: string): Promise<World> {
    const place = { namespace, emptyNamespace: `${namespace}-empty` };
    for (const name of Object.values(place)) await room.kubectl("create", "namespace", name);
    const chartPath = await writeChart(room.controlPlane.directory, "chaos", chart);
    const world = new World(room, namespace, new Helm(room, place, chartPath), {
      hands: new Hands(room, place.emptyNamespace),
      weather: await Weather.open(room),
    });
    await world.start();
    for (const model of [world.sentinel, ...world.models]) {
      await world.#performOn(model, { do: "upgrade", isLarge: false, meanwhile: [] });
      await world.#performOn(model, { do: "lock" });
    }
    return world;
  }

  /** Unlocks everything and ends the locker. */
  async close(): Promise<void> {
    if (this.rule) await this.room.api.delete(policyPath(this.namespace));
    for (const { isByHand, handmade } of [this.sentinel, ...this.models]) {
      if (isByHand) await this.room.api.delete(helmReleasePath(handmade));
    }
    await this.start();
    assert.equal(await this.room.locker.stop(), 0, "the locker did not end cleanly");
  }

  /** Performs an operation. @returns whether it was possible */
  async perform(operation: Operation): Promise<boolean> {
    if (isRule(operation)) return this.#govern(operation);
    if (!("release" in operation)) return this.#performBetween(operation);
    const model = this.models.find(({ release }) => release === operation.release);
    if (!model || !isPossible(model, operation) || !(await this.#isPossible(model, operation))) return false;
    await this.#performOn(model, operation);
    return true;
  }

  /** Whether it is possible for all that the model does not know. */
  async #isPossible(model: Model, { do: what }: ReleaseOperation): Promise<boolean> {
    // What changed before the locker starts, it has never had as it is now: then the word of another release's record counts.
    if (what === "forge") return this.#isReady || !model.hasMoved;
    return what !== "unlock" || !model.isRuledOtherwise || this.#isWhole(model);
  }

  async #performBetween(operation: LockerOperation | FaultOperation): Promise<boolean> {
    if (operation.do === "kill the locker" || operation.do === "start the locker")
      return this.#performOnLocker(operation.do);
    await this.weather.befall(operation.do);
    for (const model of this.models) model.mayTake(this.weather.bound);
    return true;
  }

  /** A policy that comes locks nothing that lacks an object; none goes while a change has to be reverted. */
  async #govern(operation: RuleOperation): Promise<boolean> {
    const rule = operation.do === "rule" ? operation.by : undefined;
    if (rule === this.rule || this.models.some(({ isRuled, isUpset }) => isRuled && isUpset)) return false;
    const ruledAnew = this.models.filter(
      ({ isLocked, state, release }) =>
        rule && !isLocked && state !== "absent" && termsFor(rule, release.name),
    );
    const areWhole = await Promise.all(ruledAnew.map(model => this.#isWhole(model)));
    if (areWhole.includes(false)) return false;
    this.rule = rule;
    for (const model of this.models) {
      model.ruled(rule && termsFor(rule, model.release.name));
      model.mayTake(STATUS);
    }
    const path = policyPath(this.namespace);
    if (rule) await this.room.api.apply(path, lockerPolicyFor(rule, this.namespace), "chaos");
    else await this.room.api.delete(path);
    return true;
  }

  async #isWhole(model: Model): Promise<boolean> {
    const live = await this.live(model);
    return [...model.desired.keys()].every(path => live.has(path));
  }

  /** How long what a status says may take, in milliseconds. */
  get patience(): number {
    return Math.max(STATUS, this.weather.bound);
  }

  /** Whether the locker runs, or is about to. */
  get isRunning(): boolean {
    return this.#started !== undefined;
  }

  /** Whether the locker runs, and may not know yet that it has to leave something alone. */
  get isUncertain(): boolean {
    return this.isRunning && this.models.some(model => model.isUncertain);
  }

  /** Starts the locker if it does not run, and waits until it is ready. */
  async start(): Promise<void> {
    this.#started ??= this.#start();
    await this.#started;
  }

  async #start(): Promise<void> {
    for (const model of this.models) model.mayTake(AFTER_START);
    await this.room.startLocker();
    this.#isReady = true;
  }

  /** All objects of a release, by path. */
  async live({ paths }: Model): Promise<Objects<KubeObject>> {
    const found = await Promise.all(paths.map(async path => [path, await this.room.api.get(path)] as const));
    return new Map(found.flatMap(([path, object]) => (object ? [[path, object] as const] : [])));
  }

  async #performOnLocker(operation: LockerOperation["do"]): Promise<boolean> {
    if (this.isRunning !== (operation === "kill the locker")) return false;
    if (this.isRunning) {
      this.#started = undefined;
      this.#isReady = false;
      await this.room.locker.kill();
    } else {
      // Other operations continue meanwhile; a failure of the start is thrown where the start is awaited.
      this.start().catch(() => undefined);
    }
    return true;
  }

  async #performOn(model: Model, operation: ReleaseOperation): Promise<void> {
    if (isByHand(operation)) return this.#meddle(model, operation);
    if (isAsked(operation)) return this.#ask(model, operation);
    return this.#operate(model, operation);
  }

  async #meddle(model: Model, operation: HandOperation): Promise<void> {
    await this.hands.meddle(model, operation);
    if (operation.do !== "touch" || !operation.isWaitedFor) return;
    if (this.#isReady && model.isWatched)
      await isRight(this.room, model, model.path(operation.touch.subject));
  }

  async #ask(model: Model, operation: PolicyOperation): Promise<void> {
    const { release, namespace, handmade: name } = model;
    for (const silence of this.silences) if (silence.release === release.name) silence.end();
    switch (operation.do) {
      case "lock": {
        model.locked();
        const target = { release: release.name, namespace, metadata: ALLOW_CREATE };
        await register(this.room, helmRelease(name, target));
        return;
      }
      case "unlock":
        model.unlocked();
        return this.room.api.delete(helmReleasePath(name));
      case "ask":
        return this.#edit(model, operation.for);
    }
  }

  async #edit(model: Model, wish: Partial<Terms>): Promise<void> {
    const { release, handmade: name } = model;
    const end = endOfSuspension();
    model.asked(wish);
    await this.room.api.edit(helmReleasePath(name), { spec: specFor(wish, end) });
    if (wish.suspends !== "for a while" || !this.#isReady) return;
    const { patience } = this;
    await untilStatus(this.room, name, ({ mode }) => mode === "suspended" || Date.now() > end, patience);
    this.silences.push(new Silence(release.name, end));
  }

  async #operate(model: Model, operation: HelmOperation): Promise<void> {
    const desired = await this.helm.operate(model, operation, async touches => {
      for (const touch of touches) await this.hands.touch(model, touch);
    });
    model.helmLeft(desired, await this.live(model));
  }
}
