import { NAMESPACE, type Room } from "./room";
import { writeChart, type Chart } from "./chart";

/** Helm 3, which writes client-side, and Helm 4, which writes server-side. */
export const helms = ["helm", "helm4"] as const;

/**
 * Installs a chart.
 *
 * @returns upgrades the release to the same chart, or to another one, with no force
 */
export async function installWith(
  room: Room,
  helm: (typeof helms)[number],
  chart: Chart,
  release = "web",
): Promise<(next?: Chart) => Promise<string>> {
  const write = (chart: Chart) => writeChart(room.controlPlane.directory, release, chart);
  const run = (verb: string, folder: string) =>
    room.controlPlane[helm]([verb, release, folder, "--namespace", NAMESPACE]);
  const folder = await write(chart);
  await run("install", folder);
  return async next => run("upgrade", next ? await write(next) : folder);
}
