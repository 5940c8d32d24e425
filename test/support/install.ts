import { lockerChart } from "../../hack/artifacts/chart";
import type { ControlPlane } from "../../hack/clusters/control-plane";

/** Where the chart is installed. */
export const LOCKER_NAMESPACE = "tools";

/** Name of the release, and of everything in it. */
export const LOCKER_RELEASE = "helm-locker";

/** The user that an installed locker is to the API server. */

/** Installs the locker's chart, of which no Pod comes where there is no node. */
export async function installLocker(controlPlane: ControlPlane, ...flags: string[]): Promise<void> {
  const place = [`--namespace=${LOCKER_NAMESPACE}`, "--create-namespace", "--set=image.repository=none"];
  await controlPlane.helm(["install", LOCKER_RELEASE, await lockerChart(), ...place, ...flags]);
}
