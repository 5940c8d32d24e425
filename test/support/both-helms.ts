import { NAMESPACE, type Room } from "./room";
import { writeChart, type Chart } from "./chart";

/** Helm 3, which writes client-side, and Helm 4, which writes server-side. */
export const helms = ["helm", "helm4"] as const;

/**
 * Installs a chart.
 *
 * @returns upgrades the release to the same chart, with no force
 */
export async function installWith(
  room: Room,
  helm: (typeof helms)[number],
  chart: Chart,
  release = "web",
): Promise<() => Promise<string>> {
  const folder = await writeChart(room.controlPlane.directory, release, chart);
  const run = (verb: string) => room.controlPlane[helm]([verb, release, folder, "--namespace", NAMESPACE]);
  await run("install");
  return () => run("upgrade");
}
