import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import { collection, dataOf, type Body } from "../../hack/lib/objects";
import { NAMESPACE, type Room } from "./room";

const record = z.looseObject({ manifest: z.string(), info: z.looseObject({ status: z.string() }) });

/** What Helm keeps of a release's revision, as far as the tests change it. */
export type ReleaseRecord = z.infer<typeof record>;

/** Path of the Secret that holds a revision of a release of {@link NAMESPACE}. */
export function recordPath(release: string, revision: number): string {
  return `${collection("v1", "secrets", NAMESPACE)}/sh.helm.release.v1.${release}.v${revision}`;
}

/** Rewrites the first revision of a release, body and status label, as a program with Helm's format would. */
export async function rewriteRecord(
  room: Room,
  release: string,
  change: (record: ReleaseRecord) => ReleaseRecord,
): Promise<void> {
  const path = recordPath(release, 1);
  const { release: encoded = "" } = dataOf(await room.api.read(path));
  const zipped = Buffer.from(Buffer.from(encoded, "base64").toString(), "base64");
  const changed = change(record.parse(JSON.parse(gunzipSync(zipped).toString())));
  const body = Buffer.from(gzipSync(JSON.stringify(changed)).toString("base64"));
  await room.api.edit(path, {
    metadata: { labels: { status: changed.info.status } },
    data: { release: body.toString("base64") },
  });
}

/** A record in another status. */
export function inStatus(status: string): (record: ReleaseRecord) => ReleaseRecord {
  return record => ({ ...record, info: { ...record.info, status } });
}

/** A record whose manifest has a further document. */
export function withDocument(document: Body | string): (record: ReleaseRecord) => ReleaseRecord {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  return record => ({ ...record, manifest: `${record.manifest}---\n${text}\n` });
}
