import { setTimeout as delay } from "node:timers/promises";
import { ConflictError, NotFoundError } from "../cluster/errors";
import { stateOf, type Objects, type WriteOptions } from "../cluster/objects";
import { DEFINITIONS, definitionOf, refOf, type Resource } from "../cluster/resources";
import type { Json, KubeObject } from "../release/object";
import { adopt } from "./adopt";
import { changedBy } from "./blame";
import { learn, type Observed, type Operation } from "./drift";
import { FightError, FightWatch } from "./fight";
import { see, type HeldRecord, type Tracked } from "./store";
import { removal, takeover } from "./takeover";

/** Milliseconds between attempts to confirm a create, and how many there are. */
const CONFIRM = { pause: 500, attempts: 60 };

/** What was done to put an object right. */
export interface Reverted {
  readonly tracked: Tracked;
  readonly operation: "create" | "apply" | "remove";
  /** Where it differed, as JSON pointers; empty for a created object. */
  readonly fields: readonly string[];
  /** Who had changed it, by the names that they gave as field managers. */
  readonly by: readonly string[];
}

/** An object, or its definition, is still being deleted: it has to be looked at again. */
export class StillThereError extends Error {
  override readonly name = "StillThereError";
}

/** Operations that write. */
export type Write = Extract<Operation, { do: "create" | "apply" | "remove" | "take over" }>;

/** One look at an object, from the first decision to the last write. */
export interface Look {
  readonly tracked: Tracked;
  /** The field manager that Helm writes as. */
  readonly manager: string;
  /** The record that the desired object comes from. */
  readonly held: HeldRecord;
  /** What the two answers below are about. */
  about: Observed;
  /** Whether the release that the object names as its owner tracks it; undefined before that was asked. */
  rivalTracks: boolean | undefined;
  /** Whether an autoscaler may have set replicas that nobody owns; undefined before that was asked. */
  isAutoscaled: boolean | undefined;
  /** What a takeover in this look was about: once fields are Helm's, the object no longer tells. */
  takenOver: (Pick<Reverted, "fields" | "by"> & { readonly live: KubeObject }) | undefined;
}

/** What the writer asks and tells. */
export interface WriterEvents {
  /** Whether the record that a look rests on is still the newest and deployed. */
  isCurrent(look: Look): Promise<boolean>;
  reverted(reverted: Reverted): void;
}

/** The one place that writes to users' objects: carries out one operation, learns from the reply, tells what was done. */
export class Writer {
  readonly #objects: Objects;
  readonly #events: WriterEvents;
  readonly #fights = new FightWatch();

  constructor(objects: Objects, events: WriterEvents) {
    this.#objects = objects;
    this.#events = events;
  }

  /** @throws FightError where the same change was reverted too often already */
  holdOff({ tracked, manager }: Look, operation: Write): void {
    const live = operation.do === "create" ? undefined : operation.live;
    const pause = this.#fights.pause(tracked, live, performance.now());
    const fields = operation.do === "create" ? [] : operation.fields;
    if (pause > 0) throw new FightError(pause, live ? changedBy(live, fields, manager) : []);
  }

  /**
   * Carries out an operation on the object as it was observed.
   *
   * @throws ConflictError, or InvalidError to a JSON patch, where the object has changed since; ApiError, NetworkError
   */
  async write(look: Look, operation: Write, options: WriteOptions): Promise<void> {
    const { resource, desired } = look.tracked;
    switch (operation.do) {
      case "create":
        await this.#create(look, options);
        return;
      case "apply": {
        const { live, payload, fields } = operation;
        const reply = await this.#objects.apply(resource, payload, stateOf(live), options);
        this.#wrote(look, { live, reply }, { operation: "apply", fields });
        return;
      }
      case "remove": {
        const { live, additions } = operation;
        const reply = await this.#objects.patch(resource, refOf(desired), removal(live, additions), options);
        const fields = additions.map(({ pointer }) => pointer);
        this.#wrote(look, { live, reply }, { operation: "remove", fields });
        return;
      }
      case "take over": {
        const { live, fields, additions } = operation;
        const patch: Json[] = takeover(live, additions, options.manager);
        see(look.tracked, await this.#objects.patch(resource, refOf(desired), patch, options));
        look.takenOver = { live, fields, by: changedBy(live, fields, options.manager) };
      }
    }
  }

  /** Notes what a write has made of an object, and tells of it where that was a change. */
  #wrote(
    look: Look,
    { live, reply }: { live: KubeObject; reply: KubeObject },
    done: Pick<Reverted, "operation" | "fields">,
  ): void {
    const { tracked, manager, takenOver } = look;
    const removed = done.operation === "remove" || takenOver !== undefined;
    const before = removed ? undefined : (tracked.known?.additions ?? new Map<string, Json>());
    tracked.known = learn(adopt(tracked.desired, reply, look.isAutoscaled), reply, manager, before);
    see(tracked, reply);
    if (stateOf(reply).resourceVersion === stateOf(live).resourceVersion) return;
    this.#fights.note(tracked, takenOver?.live ?? live, performance.now());
    const { fields, by } = takenOver ?? { fields: done.fields, by: changedBy(live, done.fields, manager) };
    this.#events.reverted({ tracked, operation: done.operation, fields, by });
    look.takenOver = undefined;
  }

  async #create(look: Look, options: WriteOptions): Promise<void> {
    const { tracked } = look;
    await this.#definitionStays(tracked.resource);
    const reply = await this.#objects.create(tracked.resource, tracked.desired, options);
    tracked.known = learn(adopt(tracked.desired, reply), reply, options.manager, new Map());
    see(tracked, reply);
    if (!(await this.#confirm(look, reply))) return;
    this.#fights.note(tracked, undefined, performance.now());
    this.#events.reverted({ tracked, operation: "create", fields: [], by: [] });
  }

  /**
   * The API server refuses to create what has a definition that is being deleted, but not by an apply, and then the definition's end
   * would wait for ours. Source: apiextensions-apiserver, customresource_handler.go.
   */
  async #definitionStays(resource: Resource): Promise<void> {
    const definition = definitionOf(resource);
    const found = definition && (await this.#objects.getMetadata(DEFINITIONS, definition));
    if (found?.metadata.deletionTimestamp !== undefined)
      throw new StillThereError(`the definition of ${resource.kind} is being deleted`);
  }

  /**
   * Reads the phase once more: if Helm moved on while the object was being created, Helm did not find it there, and must not find it
   * now. Goes on through outages and refusals, since nobody would look again.
   */
  async #confirm(look: Look, created: KubeObject): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        if (await this.#events.isCurrent(look)) return true;
        await this.#objects.delete(look.tracked.resource, refOf(created), stateOf(created));
        return false;
      } catch (error) {
        if (error instanceof NotFoundError || error instanceof ConflictError) return false;
        if (attempt === CONFIRM.attempts) throw error;
        await delay(CONFIRM.pause);
      }
    }
  }
}
