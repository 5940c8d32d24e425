import assert from "node:assert/strict";
import { z } from "zod";
import { startControlPlane, type AuditEvent, type ControlPlane } from "../../hack/clusters/control-plane";
import { startLocker, type Locker, type LockerOptions } from "../../hack/locker/process";
import { deployedServiceAccount } from "../../hack/locker/account";
import { Api } from "../../hack/lib/api";
import { breaches } from "./audit";
import { writeChart, type Chart } from "./chart";
import { patiently, untilSeen } from "../../hack/lib/patience";

/** Where the tests install their releases. */
export const NAMESPACE = "shop";

const whoAmI = z.object({ status: z.object({ userInfo: z.object({ username: z.string() }) }) });

/** A control plane of its own and a locker that runs under the deployed ServiceAccount. */
export class Room {
  #locker: Locker | undefined;

  private constructor(
    readonly controlPlane: ControlPlane,
    readonly api: Api,
    /** Path of the kubeconfig that the locker runs under. */
    readonly kubeconfig: string,
    /** Name of the user that the locker is to the API server. */
    readonly lockerUser: string,
  ) {}

  /** Opens a room whose locker is ready. */
  static async open(): Promise<Room> {
    const room = await Room.withoutLocker();
    try {
      await room.startLocker();
      return room;
    } catch (error) {
      await room.leave();
      throw error;
    }
  }

  /**
   * Opens a room in which no locker runs yet.
   *
   * @param identify gives the locker its rights, and returns the path of the kubeconfig that it is to run under
   */
  static async withoutLocker(
    identify: (controlPlane: ControlPlane) => Promise<string> = deployedServiceAccount,
  ): Promise<Room> {
    const controlPlane = await startControlPlane();
    try {
      const kubeconfig = await identify(controlPlane);
      await controlPlane.kubectl(["create", "namespace", NAMESPACE]);
      const user = await userOf(controlPlane, kubeconfig);
      return new Room(controlPlane, await Api.of(controlPlane), kubeconfig, user);
    } catch (error) {
      await controlPlane.stop();
      throw error;
    }
  }

  get locker(): Locker {
    assert.ok(this.#locker, "no locker runs in this room");
    return this.#locker;
  }

  /** Starts a locker, under the room's kubeconfig unless told otherwise, and waits until it is ready. */
  async startLocker(options: Pick<LockerOptions, "env"> & { kubeconfig?: string } = {}): Promise<void> {
    const admin = this.controlPlane.kubeconfig;
    this.#locker = startLocker({ kubeconfig: this.kubeconfig, admin, ...options });
    await patiently(this.#locker.ready, "ready");
  }

  /** Installs a chart, or upgrades the release to it, in {@link NAMESPACE}. */
  async install(release: string, chart: Chart, ...flags: string[]): Promise<void> {
    const path = await writeChart(this.controlPlane.directory, release, chart);
    await this.helm("upgrade", "--install", release, path, ...flags);
  }

  /** Runs helm 3 in {@link NAMESPACE}. */
  async helm(...args: string[]): Promise<string> {
    return this.controlPlane.helm(["--namespace", NAMESPACE, ...args]);
  }

  /** Runs kubectl in {@link NAMESPACE}. */
  async kubectl(...args: string[]): Promise<string> {
    return this.controlPlane.kubectl(["--namespace", NAMESPACE, ...args]);
  }

  /** Waits until the audit log shows something of the locker. */
  async untilAudited(predicate: (event: AuditEvent) => boolean): Promise<void> {
    const isIt = (event: AuditEvent): boolean => event.user.username === this.lockerUser && predicate(event);
    const look = async (): Promise<boolean> => (await this.controlPlane.auditLog()).some(isIt);
    await untilSeen(look, `in the audit log, ${predicate.toString()}`);
  }

  /**
   * Ends all that runs here.
   *
   * @param asSent gives an event the time at which its request was sent, where something had held it up
   * @throws AssertionError where the audit log shows a breach of Helm's precedence
   */
  async close(asSent: (event: AuditEvent) => AuditEvent = event => event): Promise<void> {
    try {
      assert.equal((await this.#locker?.stop()) ?? 0, 0, "the locker did not end cleanly");
      const events = await this.controlPlane.auditLog();
      assert.deepEqual(breaches(events.map(asSent), this.lockerUser), []);
    } finally {
      await this.leave();
    }
  }

  /** Ends what still runs here, whatever was done. */
  async leave(): Promise<void> {
    try {
      if (this.#locker) await patiently(this.#locker.kill(), "the locker's end");
    } finally {
      await this.api.close();
      await this.controlPlane.stop();
    }
  }
}

async function userOf(controlPlane: ControlPlane, kubeconfig: string): Promise<string> {
  const answer = await controlPlane.kubectl(["auth", "whoami", "--output=json"], { kubeconfig });
  return whoAmI.parse(JSON.parse(answer)).status.userInfo.username;
}
