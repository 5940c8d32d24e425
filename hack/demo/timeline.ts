import { z } from "zod";
import type { KubeClient } from "../../capabilities/cluster/client";
import { UserError } from "../lib/task";

/** How long the locker may take before the demo calls it failed, in milliseconds. */
const PATIENCE = 30_000;

const watchEvent = z.object({
  type: z.string(),
  object: z.looseObject({ data: z.record(z.string(), z.string()).optional() }),
});

/** What a watch shows of an object; undefined while it does not exist. */
export type Seen = z.infer<typeof watchEvent>["object"] | undefined;

/** One object to watch while it is changed. */
export interface Experiment {
  client: KubeClient;
  /** Path of the collection that the object is in. */
  collection: string;
  name: string;
  /** Whether the object is as its release wants it. */
  isRight: (object: Seen) => boolean;
  /** Changes the object. */
  change: () => Promise<void>;
  /** What to tell where it is not put right. */
  explain: () => string;
  signal: AbortSignal;
}

/** What was changed did not come back in time. */
export class NotRevertedError extends UserError {
  override readonly name = "NotRevertedError";
}

/**
 * Opens a watch on an object that is right, changes it, and waits until the watch shows it right again.
 * @returns the milliseconds from the watch's event of the change to that of the revert
 * @throws NotRevertedError, NetworkError, whatever `change` throws
 */
export async function millisecondsToRevert(experiment: Experiment): Promise<number> {
  const { client, collection, name, explain, signal } = experiment;
  const done = new AbortController();
  const patience = AbortSignal.timeout(PATIENCE);
  const path = `${collection}?watch=1&fieldSelector=metadata.name%3D${name}`;
  const ended = AbortSignal.any([done.signal, patience, signal]);
  const pulse = new Pulse();
  try {
    return await new Promise((resolve, reject) => {
      const onEvent = observer(experiment, pulse, { resolve, reject });
      client.stream({ method: "GET", path }, ended, onEvent).then(() => {
        reject(new Error(`the API server ended the watch of ${path}`));
      }, reject);
    });
  } catch (error) {
    if (!patience.aborted) throw error;
    const problem = `${collection}/${name} was not put right within ${PATIENCE / 1000} s`;
    throw new NotRevertedError(`${problem}. ${explain()}`, { cause: error });
  } finally {
    pulse.stop();
    done.abort();
  }
}

/**
 * Tells when this process was last awake. On a busy machine it may sleep until both events are there: counted from their
 * arrival the revert would have taken no time at all, counted from the last pulse before it is never understated.
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

/** Takes the events of the watch. The first shows the object as it is, and so that the watch is open: time for the change. */
function observer(
  { isRight, change }: Experiment,
  pulse: Pulse,
  done: { resolve: (milliseconds: Promise<number>) => void; reject: (error: unknown) => void },
): (event: unknown) => void {
  let changing: Promise<void> | undefined;
  let changedAt: number | undefined;
  return event => {
    const { type, object } = watchEvent.parse(event);
    const right = isRight(type === "DELETED" ? undefined : object);
    if (changing === undefined) {
      changing = change();
      changing.catch(done.reject);
    } else if (!right) {
      changedAt ??= pulse.last;
    } else if (changedAt !== undefined) {
      const milliseconds = performance.now() - changedAt;
      done.resolve(changing.then(() => milliseconds));
    }
  };
}
