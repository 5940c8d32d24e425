import { inspect } from "node:util";
import { Room } from "../room";
import type { Batch } from "./operations";
import { play, type Tally } from "./play";

/** Plays runs, each on a control plane of its own, for some time; after the first failure as long again, to find a shorter one. */
export class Trials {
  #deadline: number;
  #runs = 0;
  #hasFailed = false;

  /** @param duration in milliseconds */
  constructor(readonly duration: number) {
    this.#deadline = performance.now() + duration;
  }

  /** Plays a run, unless the time is over. @throws ChaosError */
  async run(batches: Batch[]): Promise<void> {
    if (performance.now() > this.#deadline) return;
    this.#runs++;
    try {
      const { batches: rests, operations, writes } = await playAlone(batches);
      this.#tell(`${rests} batches, ${operations} operations, ${writes} writes of the locker`);
    } catch (error) {
      this.#tell(this.#hasFailed ? "failed" : `failed: ${inspect(error)}`);
      if (!this.#hasFailed) this.#deadline = performance.now() + this.duration;
      this.#hasFailed = true;
      throw error;
    }
  }

  #tell(outcome: string): void {
    process.stdout.write(`run ${this.#runs}: ${outcome}\n`);
  }
}

async function playAlone(batches: Batch[]): Promise<Tally> {
  const room = await Room.withoutLocker();
  try {
    return await play(room, "chaos", batches);
  } finally {
    // What its closing would complain of, the run has found already.
    await room.close().catch(() => undefined);
  }
}
