import { setTimeout as delay } from "node:timers/promises";
import { Refused } from "../../../hack/lib/api";
import type { Body } from "../../../hack/lib/objects";
import { HangingWebhook } from "../hanging-webhook";
import { AFTER_REFUSAL, FIGHT } from "../in-time";
import { nameOf, storeRecord, tracking } from "../rivals";
import type { Room } from "../room";
import type { Model } from "./model";
import type { HandOperation, Touch } from "./operations";

/** How often somebody who fights makes a change, and after how many milliseconds again. */
const ROUNDS = 20;
const PAUSE = 90;

/** How long a write may hang, in milliseconds. */
const HANG = 10_000;

interface Change {
  path: string;
  /** A JSON merge patch; undefined for a deletion. */
  patch: Body | undefined;
  manager: string;
}

/** Those who change objects of a run beside helm and the locker. */
export class Hands {
  #number = 0;
  #webhooks: HangingWebhook[] = [];

  /** @param elsewhere a namespace without releases, in which they may write records */
  constructor(
    readonly room: Room,
    readonly elsewhere: string,
  ) {}

  /** A number that was never given out before: no change is made twice, nor two by the same hand, which would look like a fight to the locker. */
  next(): number {
    return ++this.#number;
  }

  async meddle(model: Model, operation: HandOperation): Promise<void> {
    switch (operation.do) {
      case "touch":
        return this.touch(model, operation.touch);
      case "fight":
        return this.#fight(model, operation.touch);
      case "forge":
        return this.#forge(model, operation);
      case "hang":
        return this.#hang(model);
    }
  }

  /** Ends all that keeps the locker from writing. */
  async letGo(): Promise<void> {
    for (const webhook of this.#webhooks.splice(0)) await webhook.close();
  }

  /** Changes an object by hand, if it exists. */
  async touch(model: Model, { subject, change }: Touch, hand?: string): Promise<void> {
    const number = this.next();
    const patch = change.patch?.(number);
    model.isUpset ||= !model.isSafe(change);
    await this.#change(model, { path: model.path(subject), patch, manager: hand ?? `hand-${number}` });
  }

  async #fight(model: Model, touch: Touch): Promise<void> {
    model.mayTake(FIGHT);
    const hand = `fighter-${this.next()}`;
    for (let round = 0; round < ROUNDS; round++) {
      await this.touch(model, touch, hand);
      await delay(PAUSE);
    }
  }

  async #hang(model: Model): Promise<void> {
    model.hangs(AFTER_REFUSAL + HANG);
    const { name } = model.release;
    this.#webhooks.push(await HangingWebhook.open(this.room, `hang-${this.next()}`, { release: name }));
  }

  /** Stores a record that tracks the object, and names its release on the object, as Helm would. */
  async #forge(model: Model, { subject, plural }: Extract<HandOperation, { do: "forge" }>): Promise<void> {
    const { apiVersion, kind, name, template } = subject;
    const rival = { release: `forged-${this.next()}`, namespace: this.elsewhere };
    const metadata = { name: `${model.release.name}-${name}`, namespace: model.namespace };
    const payload = tracking(rival, [{ ...template, apiVersion, kind, metadata }]);
    await storeRecord(this.room, rival, plural, payload);
    model.isUpset = true;
    const patch = { metadata: { annotations: nameOf(rival) } };
    await this.#change(model, { path: model.path(subject), patch, manager: "helm" });
  }

  /** Patches or deletes an object, if it exists. */
  async #change(model: Model, { path, patch, manager }: Change): Promise<void> {
    try {
      if (patch) {
        model.touched(path, await this.room.api.edit(`${path}?fieldManager=${manager}`, patch));
      } else {
        await this.room.api.delete(path);
        model.touched(path, undefined);
      }
    } catch (error) {
      if (!(error instanceof Refused && error.status === 404)) throw error;
    }
  }
}
