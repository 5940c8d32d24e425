import { isServed } from "../definitions";
import type { FaultProxy } from "../fault-proxy";
import { AFTER_OUTAGE, AFTER_SILENCE, AFTER_SILENT_REQUEST, REVERT } from "../in-time";
import type { Room } from "../room";
import type { FaultOperation } from "./operations";

/** By how many milliseconds events are late, and which share of requests fails. */
const LATE = 1_500;
const FAILING = 0.3;

/** What stands between the locker and its API server in a run. */
export class Weather {
  readonly #room: Room;
  readonly #proxy: FaultProxy;
  /** How soon after its end whatever was seen amiss is put right, in milliseconds. */
  bound = REVERT;
  /** Whether single requests may wait for silent connections beside watches that work. */
  #isSilent = false;
  #faults: { end(): void }[] = [];

  private constructor(room: Room, proxy: FaultProxy) {
    this.#room = room;
    this.#proxy = proxy;
  }

  /** @param room in which no locker runs */
  static async open(room: Room): Promise<Weather> {
    return new Weather(room, await room.faults());
  }

  /** Lets something happen. */
  async befall(fault: FaultOperation["do"]): Promise<void> {
    this.bound = Math.max(this.bound, await this.#befall(fault));
  }

  /** Everything has come to rest. */
  cameToRest(): void {
    this.bound = REVERT;
    this.#isSilent = false;
  }

  async #befall(fault: FaultOperation["do"]): Promise<number> {
    switch (fault) {
      case "cut the connections":
        this.#proxy.cut(() => true);
        return AFTER_OUTAGE;
      case "expire the watches":
        this.#proxy.expireWatches();
        return AFTER_OUTAGE;
      case "silence the connections":
        this.#proxy.silence();
        this.#isSilent = true;
        return AFTER_SILENCE;
      case "delay the events":
        this.#faults.push(this.#proxy.delayEvents(() => true, LATE));
        return AFTER_OUTAGE;
      case "fail requests":
        this.#faults.push(this.#proxy.refuse(() => true, { status: 500, rate: FAILING }));
        return AFTER_OUTAGE;
      case "restart the API server":
        await this.#room.controlPlane.stopApiServer();
        await this.#room.controlPlane.startApiServer();
        await isServed(this.#room, "helmreleases.helm.cattle.io");
        return this.#isSilent ? AFTER_SILENT_REQUEST : AFTER_OUTAGE;
    }
  }

  /** Ends everything that has not ended by itself. */
  clear(): void {
    for (const fault of this.#faults.splice(0)) fault.end();
  }
}
