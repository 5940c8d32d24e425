import { setTimeout as delay } from "node:timers/promises";
import { Refused } from "../../hack/lib/api";
import { configMap, configMapPath } from "../../hack/lib/objects";
import { ask } from "../../hack/locker/helm-release";
import { lockWith } from "./admission";
import type { helms } from "./both-helms";
import { writeChart } from "./chart";
import { NAMESPACE, type Room } from "./room";
import { asHelm } from "./visitors";

/** How long a lock stays suspended, or resumed, at most, in milliseconds. */
const LONGEST = 300;

/** Who runs Helm, and what the lock asks for. */
export const DEPLOYERS = [
  ["editor", { action: "Deny" }],
  ["deployer", { action: "Deny", deployers: [{ kind: "Group", name: "ci" }] }],
] as const;

/** Upgrades that drop an object, of a release whose lock refuses changes by hand. */
export interface Dropping {
  readonly helm: (typeof helms)[number];
  readonly as: (typeof DEPLOYERS)[number];
  /** Half of them drop the object. */
  readonly upgrades: number;
  /** Through which API server helm works; by default the room's own. */
  readonly kubeconfig?: string;
}

/** Upgrades a release while its lock is suspended and resumed. @returns the numbers of the upgrades that have left the object behind */
export async function orphansOf(
  room: Room,
  { helm, as: [visitor, admission], upgrades, kubeconfig = room.controlPlane.kubeconfig }: Dropping,
): Promise<number[]> {
  const release = `${helm}-${visitor}`;
  const extra = configMapPath(NAMESPACE, `${release}-extra`);
  const less = { settings: configMap(release, { color: "{{ .Release.Revision }}" }) };
  const all = { ...less, extra: configMap(`${release}-extra`, { color: "{{ .Release.Revision }}" }) };
  const [whole = "", lesser = ""] = await Promise.all(
    [all, less].map(templates => writeChart(room.controlPlane.directory, release, { templates })),
  );
  const upgrade = (chart: string) =>
    room.controlPlane[helm](
      ["upgrade", "--install", release, chart, "--namespace", NAMESPACE, ...asHelm(visitor)],
      { kubeconfig },
    );
  await upgrade(whole);
  await lockWith(room, release, admission);
  const over = new AbortController();
  const turning = turnWithoutEnd(room, release, over.signal);
  const left: number[] = [];
  for (let count = 1; count <= upgrades; count += 2) {
    await upgrade(whole);
    await upgrade(lesser);
    if (await room.api.get(extra)) left.push(count);
  }
  over.abort();
  await turning;
  return left;
}

/** What the API server was too busy to answer is tried again by the next turn. */
async function turnWithoutEnd(room: Room, release: string, over: AbortSignal): Promise<void> {
  for (let suspend = true; !over.aborted; suspend = !suspend) {
    await ask(room, release, { suspend }).catch((error: unknown) => {
      if (!(error instanceof Refused) || error.status < 500) throw error;
    });
    await delay(Math.random() * LONGEST);
  }
}
