import { binaries } from "../../hack/clusters/control-plane";
import { controllerManager } from "../../hack/clusters/control-plane/servers";
import { Supervisor } from "../../hack/lib/supervisor";
import type { Room } from "./room";

/** Kubernetes' own controllers, among them the HorizontalPodAutoscaler's. */
export class Controllers {
  private constructor(readonly supervisor: Supervisor) {}

  /** Starts them in a room. */
  static async start(room: Room): Promise<Controllers> {
    const supervisor = new Supervisor("helm-locker-controllers");
    const bin = await binaries("controllerManager");
    await controllerManager(supervisor, bin, room.controlPlane.kubeconfig).start();
    return new Controllers(supervisor);
  }

  async stop(): Promise<void> {
    await this.supervisor.end();
  }
}
