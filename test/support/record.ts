import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import { dataOf, type Body } from "../../hack/lib/objects";
import { packed, recordPath } from "../../hack/locker/release-record";
import type { Room } from "./room";

const record = z.looseObject({ manifest: z.string(), info: z.looseObject({ status: z.string() }) });

/** Helm's data about a release's revision, as far as the tests change it. */
export type ReleaseRecord = z.infer<typeof record>;

/** Rewrites the first revision of a release, body and status label, in Helm's format. */
export async function rewriteRecord(
  room: Room,
  release: string,
  change: (record: ReleaseRecord) => ReleaseRecord,
): Promise<void> {
  const path = recordPath(release, 1);
  const { release: encoded = "" } = dataOf(await room.api.read(path));
  const zipped = Buffer.from(Buffer.from(encoded, "base64").toString(), "base64");
  const changed = change(record.parse(JSON.parse(gunzipSync(zipped).toString())));
  const body = packed(gzipSync(JSON.stringify(changed)));
  await room.api.edit(path, {
    metadata: { labels: { status: changed.info.status } },
    data: { release: body.toString("base64") },
  });
}

/** A record with another status. */
export function inStatus(status: string): (record: ReleaseRecord) => ReleaseRecord {
  return record => ({ ...record, info: { ...record.info, status } });
}

/** A record whose manifest has another document. */
export function withDocument(document: Body | string): (record: ReleaseRecord) => ReleaseRecord {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  return record => ({ ...record, manifest: `${record.manifest}---\n${text}\n` });
}
