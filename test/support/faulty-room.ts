import assert from "node:assert/strict";
import type { AuditEvent } from "../../hack/control-plane";
import { startLocker, type Locker } from "../../hack/locker";
import { breaches } from "./audit";
import { FaultProxy } from "./fault-proxy";
import { patiently } from "./patience";
import { Room } from "./room";

/** A room whose locker reaches the API server through a fault proxy; helm, kubectl and the test do not. */
export class FaultyRoom {
  readonly #env: NodeJS.ProcessEnv;
  #locker: Locker | undefined;

  private constructor(
    /** Where to test; it has no locker of its own. */
    readonly room: Room,
    readonly proxy: FaultProxy,
    env: NodeJS.ProcessEnv,
  ) {
    this.#env = env;
  }

  /** @param env added to the locker's environment */
  static async open(env: NodeJS.ProcessEnv = {}): Promise<FaultyRoom> {
    const room = await Room.withoutLocker();
    let faulty: FaultyRoom | undefined;
    try {
      faulty = new FaultyRoom(room, await FaultProxy.open(room.kubeconfig), env);
      await faulty.startLocker();
      return faulty;
    } catch (error) {
      await (faulty ? faulty.#leave() : room.leave());
      throw error;
    }
  }

  get locker(): Locker {
    assert.ok(this.#locker, "no locker runs in this room");
    return this.#locker;
  }

  /** Starts a locker and waits until it is ready. */
  async startLocker(): Promise<void> {
    const { kubeconfig } = this.proxy;
    this.#locker = startLocker({ kubeconfig, admin: this.room.controlPlane.kubeconfig, env: this.#env });
    await patiently(this.#locker.ready, "ready");
  }

  /** Ends all that runs here. @throws AssertionError where the locker has breached Helm's precedence */
  async close(): Promise<void> {
    try {
      assert.equal((await this.#locker?.stop()) ?? 0, 0, "the locker did not end cleanly");
      const events = await this.room.controlPlane.auditLog();
      const sent = events.map(event => this.#asSent(event));
      assert.deepEqual(breaches(sent, this.room.lockerUser), []);
    } finally {
      await this.#leave();
    }
  }

  async #leave(): Promise<void> {
    try {
      if (this.#locker) await patiently(this.#locker.kill(), "the locker's end");
    } finally {
      await this.proxy.close();
      await this.room.leave();
    }
  }

  /** A locker can't help it when the network holds up its write: what counts is when it sent it. */
  #asSent(event: AuditEvent): AuditEvent {
    const sent = this.proxy.heldUp.get(event.auditID);
    return sent === undefined ? event : { ...event, requestReceivedTimestamp: sent };
  }
}
