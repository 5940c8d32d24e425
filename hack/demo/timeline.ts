import type { Api } from "../lib/api";
import { PatienceError } from "../lib/patience";
import { UserError } from "../lib/task";
import { Watch, type IsState } from "../lib/watch";

/** How long the locker may take before the demo reports a failure, in milliseconds. */
const PATIENCE = 30_000;

/** One object to watch while it is changed. */
export interface Experiment {
  api: Api;
  /** Path of the collection that the object is in. */
  collection: string;
  name: string;
  /** Whether the object is as its release wants it. */
  isRight: IsState;
  /** Changes the object. */
  change: () => Promise<void>;
  /** The explanation if the object is not restored. */
  explain: () => string;
}

/** A change was not reverted in time. */
class NotRevertedError extends UserError {
  override readonly name = "NotRevertedError";
}

/**
 * Opens a watch on an object that is right, changes the object, and waits until the watch shows it right again.
 * @returns the milliseconds from the watch's event of the change to that of the revert
 * @throws NotRevertedError, Refused, whatever `change` throws
 */
export async function millisecondsToRevert(experiment: Experiment): Promise<number> {
  const { api, collection, name, isRight, change, explain } = experiment;
  const watch = await Watch.open(api, collection, { name, patience: PATIENCE });
  const pulse = new Pulse();
  let changedAt: number | undefined;
  const reverted = watch.untilObject(name, object => {
    const right = isRight(object);
    if (!right) changedAt ??= pulse.last;
    return right && changedAt !== undefined;
  });
  try {
    const [revertedAt] = await Promise.all([reverted, change()]);
    return revertedAt - (changedAt ?? revertedAt);
  } catch (error) {
    if (!(error instanceof PatienceError)) throw error;
    const problem = `${collection}/${name} was not put right within ${PATIENCE / 1000} s`;
    throw new NotRevertedError(`${problem}. ${explain()}`, { cause: error });
  } finally {
    pulse.stop();
    watch.close();
  }
}

/**
 * Says when this process was last awake. On a busy machine it may sleep until both events are there. Counted from their
 * arrival, the revert would take no time at all; counted from the last pulse before it, the time is never understated.
 */
class Pulse {
  last = performance.now();
  readonly #timer = setInterval(() => {
    this.last = performance.now();
  }, 1);

  stop(): void {
    clearInterval(this.#timer);
  }
}
