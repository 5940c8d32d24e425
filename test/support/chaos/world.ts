import assert from "node:assert/strict";
import { Refused } from "../../../hack/lib/api";
import { content, type KubeObject } from "../../../hack/lib/objects";
import { helmRelease, helmReleasePath, register } from "../../../hack/locker/helm-release";
import { writeChart } from "../chart";
import type { Room } from "../room";
import { chart } from "./chart";
import { Helm } from "./helm";
import { Model } from "./model";
import {
  Release,
  releases,
  type HelmOperation,
  type LockerOperation,
  type Operation,
  type ReleaseOperation,
  type Touch,
} from "./operations";
import type { Objects } from "./oracle";

/** Lets the locker create even objects that it has not seen since its start: a Role that is deleted while the locker is away. */
const ALLOW_CREATE = { annotations: { "helmreleases.cattle.io/allow-create": "true" } };

/** The releases of a run, their locks and the locker, on a real API server. */
export class World {
  /** A locked release to which nothing happens except the changes that show that the locker has come to rest. */
  readonly sentinel: Model;
  readonly models: readonly Model[];
  #started: Promise<void> | undefined;
  #number = 0;

  private constructor(
    readonly room: Room,
    readonly namespace: string,
    readonly helm: Helm,
  ) {
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
    const world = new World(room, namespace, new Helm(room, place, chartPath));
    await world.start();
    for (const model of [world.sentinel, ...world.models]) {
      await world.#performOn(model, { do: "upgrade", isLarge: false, meanwhile: [] });
      await world.#performOn(model, { do: "lock" });
    }
    return world;
  }

  /** Unlocks everything and ends the locker. */
  async close(): Promise<void> {
    for (const { isLocked, helmRelease: name } of [this.sentinel, ...this.models]) {
      if (isLocked) await this.room.api.delete(helmReleasePath(name));
    }
    await this.start();
    assert.equal(await this.room.locker.stop(), 0, "the locker did not end cleanly");
  }

  /** Performs an operation. @returns whether it was possible */
  async perform(operation: Operation): Promise<boolean> {
    if (!("release" in operation)) return this.#performOnLocker(operation.do);
    const model = this.models.find(({ release }) => release === operation.release);
    if (!model?.isPossible(operation)) return false;
    await this.#performOn(model, operation);
    return true;
  }

  /** Whether the locker runs, or is about to. */
  get isRunning(): boolean {
    return this.#started !== undefined;
  }

  /** Starts the locker if it does not run, and waits until it is ready. */
  async start(): Promise<void> {
    this.#started ??= this.room.startLocker();
    await this.#started;
  }

  /** A number that was never given out before: no change is made twice, nor two by the same hand, which would look like a fight to the locker. */
  next(): number {
    return ++this.#number;
  }

  /** All objects of a release, by path. */
  async live({ paths }: Model): Promise<Objects<KubeObject>> {
    const found = await Promise.all(paths.map(async path => [path, await this.room.api.get(path)] as const));
    return new Map(found.flatMap(([path, object]) => (object ? [[path, object] as const] : [])));
  }

  /** Changes an object by hand, if it exists. */
  async touch(model: Model, { subject, change }: Touch): Promise<void> {
    const path = model.path(subject);
    model.isUpset ||= !model.isSafe(change);
    try {
      if (change.patch) {
        const number = this.next();
        const changed = await this.room.api.edit(`${path}?fieldManager=hand-${number}`, change.patch(number));
        model.standing?.set(path, content(changed));
      } else {
        await this.room.api.delete(path);
        model.standing?.delete(path);
      }
    } catch (error) {
      if (!(error instanceof Refused && error.status === 404)) throw error;
    }
  }

  async #performOnLocker(operation: LockerOperation["do"]): Promise<boolean> {
    if (this.isRunning !== (operation === "kill the locker")) return false;
    if (this.isRunning) {
      this.#started = undefined;
      await this.room.locker.kill();
    } else {
      // Other operations continue meanwhile; a failure of the start is thrown where the start is awaited.
      this.start().catch(() => undefined);
    }
    return true;
  }

  async #performOn(model: Model, operation: ReleaseOperation): Promise<void> {
    switch (operation.do) {
      case "touch":
        return this.touch(model, operation.touch);
      case "lock":
        return this.#lock(model);
      case "unlock":
        model.unlocked();
        return this.room.api.delete(helmReleasePath(model.helmRelease));
      case "upgrade":
      case "fail an upgrade of":
      case "roll back":
      case "uninstall":
        return this.#operate(model, operation);
    }
  }

  async #lock(model: Model): Promise<void> {
    const { release, namespace, helmRelease: name } = model;
    model.isLocked = true;
    await register(
      this.room,
      helmRelease(name, { release: release.name, namespace, metadata: ALLOW_CREATE }),
    );
  }

  async #operate(model: Model, operation: HelmOperation): Promise<void> {
    const desired = await this.helm.operate(model, operation, async touches => {
      for (const touch of touches) await this.touch(model, touch);
    });
    model.helmLeft(desired, await this.live(model));
  }
}
