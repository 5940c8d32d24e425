import { inspect } from "node:util";
import { Room } from "../room";
import type { Batch } from "./operations";
import { play, type Tally } from "./play";

/** Plays runs for some time, each on its own control plane; after the first failure, continues for the same time to find a shorter run. */
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
    // The run has already found what closing would complain about.
    await room.close().catch(() => undefined);
  }
}
