import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Room } from "./room";

const kubeconfigSchema = z.looseObject({
  clusters: z.array(z.looseObject({ name: z.string() })),
  users: z.array(z.looseObject({ name: z.string() })),
  contexts: z.array(z.looseObject({ name: z.string() })),
});

/** A kubeconfig with three clusters: the room's, one that knows no HelmReleases, and one that can't be reached. */
export async function joined(room: Room, bare: string): Promise<string> {
  const [own, other] = await Promise.all(
    [room.controlPlane.kubeconfig, bare].map(async path =>
      kubeconfigSchema.parse(JSON.parse(await readFile(path, "utf8"))),
    ),
  );
  if (!own || !other) throw new Error("there are two kubeconfigs");
  const path = join(room.controlPlane.directory, "joined");
  const cluster = { server: "https://127.0.0.1:1" };
  const kubeconfig = {
    ...own,
    clusters: [
      ...own.clusters,
      ...other.clusters.map(each => ({ ...each, name: "bare" })),
      { name: "away", cluster },
    ],
    users: [...own.users, ...other.users.map(each => ({ ...each, name: "bare" }))],
    contexts: [
      ...own.contexts,
      { name: "bare", context: { cluster: "bare", user: "bare" } },
      { name: "away", context: { cluster: "away", user: "bare" } },
    ],
  };
  await writeFile(path, JSON.stringify(kubeconfig));
  return path;
}
