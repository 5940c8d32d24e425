import { toLoad, toLookAt } from "../state/requests";
import { modeOf } from "../state/standing";
import type { Queue } from "../work/queue";
import type { Gate, Pass } from "./gate";
import type { Look } from "./look";

/** Whether a look may end in a write: its very record and policy are still what the lock holds, and Helm has not moved on. */
export class Clearance {
  readonly #gate: Gate;
  readonly #queue: Queue;

  constructor({ gate, queue }: { gate: Gate; queue: Queue }) {
    this.#gate = gate;
    this.#queue = queue;
  }

  /**
   * Checks the very record that the desired object comes from: a newer one may have been loaded meanwhile.
   *
   * @param observedAt performance.now() of what is to be written about
   * @returns undefined where nothing may be written; then the release is loaded again
   * @throws ApiError, NetworkError
   */
  async check({ tracked, held, policy }: Look, observedAt: number): Promise<Pass | undefined> {
    const { lock } = tracked;
    const { record, phase } = lock;
    const isSame = record?.uid === held.uid && record.resourceVersion === held.resourceVersion;
    if (!isSame || phase?.stance !== "lock" || modeOf(lock) !== "enabled") return undefined;
    const pass = await this.#gate.check(lock.release, held, observedAt);
    if (!pass) this.#queue.addNow(toLoad(lock.release));
    if (lock.policy === policy) return pass;
    // What was decided by an earlier policy is decided anew.
    this.#queue.add(toLookAt(tracked));
    return undefined;
  }
}
