import assert from "node:assert/strict";
import type { AuditEvent } from "../../hack/clusters/control-plane/audit";
import { configMap, configMapPath } from "../../hack/lib/objects";
import { untilSeen } from "../../hack/lib/patience";
import type { LockerOptions } from "../../hack/locker/process";
import { NAMESPACE, Testbed } from "../../hack/locker/testbed";
import { ANSWER_DELAY } from "../../hack/lib/answer-delay";
import { breaches } from "./audit";
import { writeChart, type Chart } from "./chart";
import { FaultProxy } from "./fault-proxy";

export { NAMESPACE } from "../../hack/locker/testbed";

/** A testbed that checks its locker against Helm's precedence. */
export class Room extends Testbed {
  #installed = 0;
  /** Through it the locker asks, where answers are to be late or lost. */
  #proxy: FaultProxy | undefined;

  /** Opens a room whose locker is ready. @param prepare installs what else is needed */
  static async open(prepare?: (room: Room) => Promise<void>): Promise<Room> {
    const room = await Room.withoutLocker();
    try {
      await room.startLocker();
      await prepare?.(room);
      return room;
    } catch (error) {
      await room.leave();
      throw error;
    }
  }

  override async startLocker(options: Partial<LockerOptions> = {}): Promise<void> {
    if (ANSWER_DELAY > 0 && options.kubeconfig === undefined) await this.faults();
    await super.startLocker({ ...(this.#proxy && { kubeconfig: this.#proxy.kubeconfig }), ...options });
  }

  /** The faults between the API server and every locker that starts from now on, unless it has a kubeconfig of its own. */
  async faults(): Promise<FaultProxy> {
    return (this.#proxy ??= await FaultProxy.open(this.kubeconfig));
  }

  /** Installs a chart, or upgrades the release to it, in {@link NAMESPACE}. */
  async install(release: string, chart: Chart, ...flags: string[]): Promise<void> {
    const path = await writeChart(this.controlPlane.directory, release, chart);
    await this.helm("upgrade", "--install", release, path, ...flags);
  }

  /** Installs a separate release for one test; returns its name, and the path of its only ConfigMap, which is blue. */
  async installFresh(): Promise<{ release: string; settings: string }> {
    const release = `web-${++this.#installed}`;
    await this.install(release, { templates: { settings: configMap(release, { color: "blue" }) } });
    return { release, settings: configMapPath(NAMESPACE, release) };
  }

  /** Runs helm 3 in {@link NAMESPACE}. */
  async helm(...args: string[]): Promise<string> {
    return this.controlPlane.helm(["--namespace", NAMESPACE, ...args]);
  }

  /** Runs kubectl in {@link NAMESPACE}. */
  async kubectl(...args: string[]): Promise<string> {
    return this.controlPlane.kubectl(["--namespace", NAMESPACE, ...args]);
  }

  /** Waits until the audit log shows a certain event of the locker. */
  async untilAudited(predicate: (event: AuditEvent) => boolean): Promise<void> {
    const isIt = (event: AuditEvent): boolean => event.user.username === this.lockerUser && predicate(event);
    const look = async (): Promise<boolean> => (await this.controlPlane.auditLog()).some(isIt);
    await untilSeen(look, `in the audit log, ${predicate.toString()}`);
  }

  /**
   * Ends everything that runs here.
   *
   * @param asSeen gives an event the times at which the locker sent its request and got the answer, if something held them up
   * @throws AssertionError if the audit log shows a breach of Helm's precedence
   */
  async close(
    asSeen: (event: AuditEvent) => AuditEvent = event => this.#proxy?.asSeen(event) ?? event,
  ): Promise<void> {
    try {
      assert.equal(await this.stopLocker(), 0, "the locker did not end cleanly");
      const events = await this.controlPlane.auditLog();
      assert.deepEqual(breaches(events.map(asSeen), this.lockerUser), []);
    } finally {
      await this.leave();
    }
  }

  override async leave(): Promise<void> {
    try {
      await super.leave();
    } finally {
      await this.#proxy?.close();
    }
  }
}
