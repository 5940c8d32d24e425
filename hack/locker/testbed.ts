import { z } from "zod";
import { startControlPlane, type ControlPlane } from "../clusters/control-plane";
import { Api } from "../lib/api";
import { patiently } from "../lib/patience";
import { deployedServiceAccount } from "./account";
import { LockerProcess, type LockerOptions } from "./process";

/** The namespace of a testbed's releases. */
export const NAMESPACE = "shop";

const whoAmI = z.object({ status: z.object({ userInfo: z.object({ username: z.string() }) }) });

/** A control plane, and a locker on it that runs under the deployed ServiceAccount. */
export class Testbed {
  #locker: LockerProcess | undefined;

  /**
   * @param kubeconfig path of the locker's kubeconfig
   * @param lockerUser the locker's user name at the API server
   */
  constructor(
    readonly controlPlane: ControlPlane,
    readonly api: Api,
    readonly kubeconfig: string,
    readonly lockerUser: string,
  ) {}

  /**
   * Opens a testbed in which no locker runs yet.
   *
   * @param identify gives the locker its rights, and returns the path of its kubeconfig
   */
  static async withoutLocker<T extends Testbed>(
    this: new (...parts: ConstructorParameters<typeof Testbed>) => T,
    identify: (controlPlane: ControlPlane) => Promise<string> = deployedServiceAccount,
  ): Promise<T> {
    const controlPlane = await startControlPlane();
    try {
      const kubeconfig = await identify(controlPlane);
      await controlPlane.kubectl(["create", "namespace", NAMESPACE]);
      const answer = await controlPlane.kubectl(["auth", "whoami", "--output=json"], { kubeconfig });
      const { username } = whoAmI.parse(JSON.parse(answer)).status.userInfo;
      return new this(controlPlane, await Api.of(controlPlane.kubeconfig), kubeconfig, username);
    } catch (error) {
      await controlPlane.stop();
      throw error;
    }
  }

  /** The locker that was started last. */
  get locker(): LockerProcess {
    if (this.#locker === undefined) throw new Error("no locker was started here");
    return this.#locker;
  }

  /** Starts a locker, by default under its own kubeconfig, and waits until it is ready. */
  async startLocker(options: Partial<LockerOptions> = {}): Promise<void> {
    this.#locker = this.spawnLocker(options);
    await patiently(this.#locker.ready, "ready");
  }

  /** Starts a locker beside everything that runs; the caller ends it. */
  spawnLocker(options: Partial<LockerOptions> = {}): LockerProcess {
    return new LockerProcess({
      kubeconfig: this.kubeconfig,
      admin: this.controlPlane.kubeconfig,
      ...options,
    });
  }

  /** Asks the locker to end. @returns its exit code, 0 if none was started */
  async stopLocker(): Promise<number> {
    return (await this.#locker?.stop()) ?? 0;
  }

  /** Ends everything that still runs here. */
  async leave(): Promise<void> {
    try {
      if (this.#locker) await patiently(this.#locker.kill(), "the locker's end");
    } finally {
      await this.api.close();
      await this.controlPlane.stop();
    }
  }
}
