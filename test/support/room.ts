import assert from "node:assert/strict";
import type { AuditEvent } from "../../hack/clusters/control-plane/audit";
import { configMap, configMapPath } from "../../hack/lib/objects";
import { untilSeen } from "../../hack/lib/patience";
import { NAMESPACE, Testbed } from "../../hack/locker/testbed";
import { breaches } from "./audit";
import { writeChart, type Chart } from "./chart";

export { NAMESPACE } from "../../hack/locker/testbed";

/** A testbed that checks its locker against Helm's precedence. */
export class Room extends Testbed {
  #installed = 0;

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
   * @param asSent gives an event the time at which its request was sent, if something had held it up
   * @throws AssertionError if the audit log shows a breach of Helm's precedence
   */
  async close(asSent: (event: AuditEvent) => AuditEvent = event => event): Promise<void> {
    try {
      assert.equal(await this.stopLocker(), 0, "the locker did not end cleanly");
      const events = await this.controlPlane.auditLog();
      assert.deepEqual(breaches(events.map(asSent), this.lockerUser), []);
    } finally {
      await this.leave();
    }
  }
}
