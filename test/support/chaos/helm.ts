import assert from "node:assert/strict";
import type { KubeObject } from "../../../hack/lib/objects";
import { collection } from "../../../hack/lib/objects";
import { until } from "../../../hack/lib/watch";
import type { Room } from "../room";
import { REFUSAL } from "./chart";
import type { Model } from "./model";
import type { HelmOperation, Touch } from "./operations";
import type { Desired, Objects } from "./desired";
import { desiredObjects, type Place } from "./oracle";

/** Runs the helm operations of a run. */
export class Helm {
  #upgrades = 0;

  constructor(
    readonly room: Room,
    readonly place: Place,
    readonly chartPath: string,
  ) {}

  /**
   * Runs an operation to its end and notes it in the model.
   *
   * @param touch makes manual changes, once helm is at work
   * @returns the newest deployed revision's manifest; nothing if the release is gone
   * @throws CommandError if helm fails unexpectedly, AssertionError if it fails differently than expected
   */
  async operate(
    model: Model,
    operation: HelmOperation,
    touch: (touches: readonly Touch[]) => Promise<void>,
  ): Promise<Objects<Desired>> {
    // Helm does not expect that an object that it has just read is gone when it writes.
    const isHarmless = ({ change }: Touch): boolean => change.patch !== undefined && model.isSafe(change);
    const meanwhile = "meanwhile" in operation ? operation.meanwhile.filter(isHarmless) : [];
    const touched = meanwhile.length === 0 ? undefined : this.#stored(model).then(() => touch(meanwhile));
    const [run] = await Promise.allSettled([this.#run(model, operation), touched]);
    if (run.status === "rejected") throw run.reason;
    await touched;
    return run.value;
  }

  async #run(model: Model, operation: HelmOperation): Promise<Objects<Desired>> {
    switch (operation.do) {
      case "upgrade":
        await this.#upgrade(model, `isLarge=${operation.isLarge}`);
        return this.#deployed(model);
      case "roll back":
        await this.#helm(model, "rollback", `${model.target(operation.by)}`);
        return this.#deployed(model);
      case "fail an upgrade of":
        await assert.rejects(this.#upgrade(model, `isLarge=${model.isLarge},isRefused=true`), REFUSAL);
        model.failed();
        return model.desired;
      case "uninstall":
        await this.#helm(model, "uninstall");
        model.uninstalled();
        return new Map();
    }
  }

  async #upgrade(model: Model, values: string): Promise<void> {
    const color = `blue-${++this.#upgrades}`;
    await this.#helm(model, "upgrade", this.chartPath, "--install", "--set", `color=${color},${values}`);
  }

  async #deployed(model: Model): Promise<Objects<Desired>> {
    model.succeeded();
    return desiredObjects(this.room, model.release, this.place);
  }

  async #helm({ release }: Model, command: string, ...args: string[]): Promise<void> {
    await this.room.controlPlane[release.helm]([
      command,
      release.name,
      ...args,
      "--namespace",
      this.place.namespace,
    ]);
  }

  /** Waits until helm has stored the record of its next revision, as it does before it changes any object. */
  async #stored({ release, revision }: Model): Promise<KubeObject | undefined> {
    const secrets = collection("v1", "secrets", this.place.namespace);
    const record = `sh.helm.release.v1.${release.name}.v${revision + 1}`;
    return until(this.room.api, `${secrets}/${record}`, found => found !== undefined);
  }
}
