import type { LockerProcess } from "../../hack/locker/process";
import { postSentinel } from "./changes";
import { FaultProxy } from "./fault-proxy";
import { isRecordWatch } from "./faults";
import { Room } from "./room";

/** How much later than the API server a watch shows Helm's records, in milliseconds. */
const LATE = 5_000;

/** A room whose locker reaches the API server through a fault proxy; helm, kubectl and the test do not. */
export class FaultyRoom {
  readonly #env: NodeJS.ProcessEnv;

  private constructor(
    /** The room for the tests. */
    readonly room: Room,
    readonly proxy: FaultProxy,
    env: NodeJS.ProcessEnv,
  ) {
    this.#env = env;
  }

  /**
   * @param env added to the locker's environment
   * @param prepare installs what else is needed
   */
  static async open(
    env: NodeJS.ProcessEnv = {},
    prepare?: (faulty: FaultyRoom) => Promise<void>,
  ): Promise<FaultyRoom> {
    const room = await Room.withoutLocker();
    let faulty: FaultyRoom | undefined;
    try {
      faulty = new FaultyRoom(room, await FaultProxy.open(room.kubeconfig), env);
      await faulty.startLocker();
      await prepare?.(faulty);
      return faulty;
    } catch (error) {
      await (faulty ? faulty.#leave() : room.leave());
      throw error;
    }
  }

  /** Opens a room with a sentinel, whose locker sees Helm's records 5 s late: only the phase check shows what Helm does. */
  static openLate(): Promise<FaultyRoom> {
    return FaultyRoom.open({}, async ({ room, proxy }) => {
      await postSentinel(room);
      proxy.delayEvents(isRecordWatch, LATE);
    });
  }

  get locker(): LockerProcess {
    return this.room.locker;
  }

  /** Starts a locker and waits until it is ready. */
  async startLocker(): Promise<void> {
    await this.room.startLocker({ kubeconfig: this.proxy.kubeconfig, env: this.#env });
  }

  /** Ends everything that runs here. @throws AssertionError if the locker has breached Helm's precedence */
  async close(): Promise<void> {
    try {
      await this.room.close(event => this.proxy.asSeen(event));
    } finally {
      await this.proxy.close();
    }
  }

  async #leave(): Promise<void> {
    try {
      await this.room.leave();
    } finally {
      await this.proxy.close();
    }
  }
}
