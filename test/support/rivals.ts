import { gzipSync } from "node:zlib";
import { collection, type Body } from "../../hack/lib/objects";
import { packed, recordSecret } from "../../hack/locker/release-record";
import { byPatch, type Change } from "./changes";
import { writeChart, type Chart } from "./chart";
import type { helms } from "./both-helms";
import type { Room } from "./room";

/** A release, by the namespace of its records. */
export interface Release {
  release: string;
  namespace: string;
}

/** Annotations with which Helm names an object's release. */
export function nameOf({ release, namespace }: Release): Body {
  return { "meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace };
}

/** What a record of a release holds that tracks these documents. */
export function tracking({ release, namespace }: Release, documents: Body[]): Buffer {
  const manifest = documents.map(document => JSON.stringify(document)).join("\n---\n");
  const body = { name: release, namespace, version: 1, info: { status: "deployed" }, manifest };
  return packed(gzipSync(JSON.stringify(body)));
}

/** Stores a record, as anybody can who may write such objects in its namespace. @param payload what it holds */
export async function storeRecord(
  room: Room,
  { release, namespace }: Release,
  plural: "secrets" | "configmaps",
  payload: Buffer,
): Promise<void> {
  const { metadata } = recordSecret({ release, revision: "1", status: "deployed" }, payload);
  const data = { release: plural === "secrets" ? payload.toString("base64") : payload.toString() };
  await room.api.create(collection("v1", plural, namespace), { metadata, data });
}

/** Names another release on an object, under the field manager of Helm, and changes it. */
export function claims(room: Room, path: string, rival: Release, change: Body): Change {
  return byPatch(room, `${path}?fieldManager=helm`, { ...change, metadata: { annotations: nameOf(rival) } });
}

/** Installs or upgrades a release, in any namespace, and takes over what is there. */
export async function takeOver(
  room: Room,
  helm: (typeof helms)[number],
  { release, namespace }: Release,
  chart: Chart,
): Promise<void> {
  const folder = await writeChart(room.controlPlane.directory, release, chart);
  const flags = ["--install", "--take-ownership", "--namespace", namespace];
  await room.controlPlane[helm](["upgrade", release, folder, ...flags]);
}
