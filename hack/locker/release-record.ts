import { gzipSync } from "node:zlib";
import { collection, type Body } from "../lib/objects";
import { NAMESPACE } from "./testbed";

/** What the Secret of a release record holds besides its payload. */
export interface RecordLabels {
  release: string;
  /** As the label and the name contain it. */
  revision: string;
  status: string;
}

/** Name of the Secret that holds a revision of a release. */
function recordName(release: string, revision: number | string): string {
  return `sh.helm.release.v1.${release}.v${revision}`;
}

/** Path of the Secret that holds a revision of a release of {@link NAMESPACE}. */
export function recordPath(release: string, revision: number): string {
  return `${collection("v1", "secrets", NAMESPACE)}/${recordName(release, revision)}`;
}

/** The Secret in which Helm would store a payload. */
export function recordSecret({ release, revision, status }: RecordLabels, payload: Buffer): Body {
  return {
    metadata: {
      name: recordName(release, revision),
      labels: { name: release, owner: "helm", status, version: revision },
    },
    type: "helm.sh/release.v1",
    data: { release: payload.toString("base64") },
  };
}

/**
 * What Helm would store for a deployed revision of a release of {@link NAMESPACE}.
 *
 * @param more JSON text of further fields
 */
export function payloadOf(release: string, revision: number, manifest: string, more = '"chart":{}'): Buffer {
  const info = { status: "deployed" };
  const body: Body = { name: release, namespace: NAMESPACE, version: revision, info, manifest };
  return packed(gzipSync(`${JSON.stringify(body).slice(0, -1)},${more}}`));
}

/** Helm keeps a gzip as base64, which the Secret encodes once more. */
export function packed(gzip: Buffer): Buffer {
  return Buffer.from(gzip.toString("base64"));
}
