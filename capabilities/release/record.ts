import { gunzipSync } from "node:zlib";
import * as z from "zod";
import { canBeNamespace } from "../kube/kinds";
import { fieldsOf } from "./json-fields";
import { canBeReleaseName } from "./release";

/** Helm's statuses of a release: helm.sh/helm/v3/pkg/release/status.go. */
export const releaseStatuses = [
  "unknown",
  "deployed",
  "uninstalled",
  "superseded",
  "failed",
  "uninstalling",
  "pending-install",
  "pending-upgrade",
  "pending-rollback",
] as const;

export type ReleaseStatus = (typeof releaseStatuses)[number];

/**
 * The largest record that is unpacked, in bytes. A Secret holds 1 MiB, which is 768 KiB of gzip. Charts compress ten-
 * to twentyfold, so this limit is beyond every real release. A bomb of that size would expand to 800 MB.
 */
const MAX_RECORD_BYTES = 16 * 1024 * 1024;

/** One revision of a release, as its labels describe it, without reading the payload. */
export interface RecordLabels {
  release: string;
  revision: number;
  status: ReleaseStatus;
}

/** One revision of a release, as its payload describes it. */
export interface ReleaseRecord {
  name: string;
  namespace: string;
  revision: number;
  status: ReleaseStatus;
  /** Helm's description of the revision, such as "Upgrade complete". */
  description: string;
  notes: string;
  /** The rendered documents without hooks, crds/ and Helm's ownership metadata. */
  manifest: string;
  /** Whether Helm wrote its objects by server-side apply, and so will by default: only Helm 4 does. */
  isServerSide: boolean;
}

/** A record cannot be read. The message says why, and what to look at. */
export class RecordError extends Error {
  override readonly name = "RecordError";
}

/** The name of the Secret or ConfigMap that holds a revision: helm.sh/helm/v3/pkg/storage/storage.go, makeKey. */
export function recordName(release: string, revision: number): string {
  return `sh.helm.release.v1.${release}.v${revision}`;
}

/** The release and revision in a record's name; undefined if it is no record's name. */
export function readRecordName(name: string): { release: string; revision: number } | undefined {
  const [, release, digits] = /^sh\.helm\.release\.v1\.(.+)\.v([1-9]\d{0,14})$/.exec(name) ?? [];
  return release === undefined ? undefined : { release, revision: Number(digits) };
}

// A status that Helm may add in the future must make the lock stand down, not hide the newest revision.
const statusSchema = z
  .string()
  .transform(text => releaseStatuses.find(status => status === text) ?? "unknown");

const nameSchema = z.string().refine(canBeReleaseName, "no release can have this name");

const labelsSchema = z.object({
  name: nameSchema,
  owner: z.literal("helm"),
  status: statusSchema,
  version: z.string().regex(/^[1-9]\d{0,14}$/),
});

/** What the labels of a Secret or ConfigMap say; undefined if it does not hold a Helm release. */
export function readRecordLabels(labels: unknown): RecordLabels | undefined {
  const { data } = labelsSchema.safeParse(labels);
  return data && { release: data.name, revision: Number(data.version), status: data.status };
}

const bodySchema = z.object({
  name: nameSchema,
  namespace: z.string().refine(canBeNamespace, "no namespace can have this name"),
  version: z.int().positive(),
  info: z.object({
    status: statusSchema,
    description: z.string().default(""),
    notes: z.string().default(""),
  }),
  // Go leaves it out if it is empty: a chart may render nothing.
  manifest: z.string().default(""),
  // Absent before Helm 4: helm.sh/helm/v4/pkg/release/v1/release.go.
  apply_method: z.unknown().optional(),
});

/**
 * Unpacks a record: helm.sh/helm/v3/pkg/storage/driver/util.go, decodeRelease.
 *
 * @param payload `data.release` as the API server returns it: in a Secret base64 of base64 of gzip of JSON; in a
 * ConfigMap one base64 less; in very old releases without the gzip.
 * @param maxBytes the largest unpacked size that is accepted.
 * @throws RecordError
 */
export function decodeRecord(payload: string, maxBytes = MAX_RECORD_BYTES): ReleaseRecord {
  const { data, error } = bodySchema.safeParse(readBody(unzip(unwrap(payload), maxBytes)));
  if (error) {
    const { path, message } = error.issues[0] ?? { path: [], message: "unreadable" };
    throw new RecordError(`the release record has no usable field "${path.join(".")}": ${message}`);
  }
  const { name, namespace, version, info, manifest, apply_method: method } = data;
  return { name, namespace, revision: version, ...info, manifest, isServerSide: method === "ssa" };
}

/** Removes one base64 encoding, and a second one if a Secret has added it. */
function unwrap(payload: string): Buffer {
  const once = decodeBase64(payload);
  return isGzip(once) || once[0] === OPENING_BRACE ? once : decodeBase64(once.toString("latin1"));
}

const OPENING_BRACE = 0x7b;

function decodeBase64(text: string): Buffer {
  // Buffer.from skips everything that is not base64: a damaged payload would become noise.
  if (text === "" || !/^[A-Za-z0-9+/\r\n]*$/.test(text.replace(/={1,2}[\r\n]*$/, ""))) {
    throw new RecordError("the release record is not base64: was its data.release edited by hand?");
  }
  return Buffer.from(text, "base64");
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 0x08;
}

function unzip(bytes: Buffer, maxBytes: number): string {
  if (!isGzip(bytes)) {
    if (bytes[0] === OPENING_BRACE && bytes.length <= maxBytes) return bytes.toString();
    throw new RecordError(
      "the release record is neither gzip nor JSON: was it written by another version of Helm?",
    );
  }
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes }).toString();
  } catch (error) {
    if (error instanceof RangeError) {
      throw new RecordError(`the release record unpacks to more than ${maxBytes} bytes`, { cause: error });
    }
    throw new RecordError("the release record's gzip is damaged or cut short", { cause: error });
  }
}

/** The parts of a record that are read; the chart and its values, which make up most of it, are skipped. */
function readBody(json: string): unknown {
  try {
    const fields = fieldsOf(json, ["name", "namespace", "version", "info", "manifest", "apply_method"]);
    const info = fields.get("info");
    return {
      ...valuesOf(fields),
      ...(info?.startsWith("{")
        ? { info: valuesOf(fieldsOf(info, ["status", "description", "notes"])) }
        : {}),
    };
  } catch {
    // The parser's message may quote the record, and so possibly a Secret's value: no cause is kept.
    throw new RecordError("the release record is not a JSON object");
  }
}

/** The values of fields; a map or list becomes empty, because no field that is read may be one. */
function valuesOf(fields: Map<string, string>): Record<string, unknown> {
  const values = [...fields].map(([name, json]): [string, unknown] => [
    name,
    /^[{[]/.test(json) ? [] : JSON.parse(json),
  ]);
  return Object.fromEntries(values);
}

/**
 * Returns why a record cannot be believed: its labels, its payload and its location disagree, although Helm writes them
 * together. Undefined if they agree.
 *
 * @param labels the labels of the Secret or ConfigMap, as read.
 * @param found the release that the object's own name and namespace indicate.
 */
export function disagreement(
  labels: unknown,
  record: ReleaseRecord,
  found: { name: string; namespace: string; revision: number },
): string | undefined {
  const told = readRecordLabels(labels);
  if (!told) return "its labels are not those of a Helm release record";
  const pairs = [
    ["name", told.release, record.name],
    ["name", found.name, record.name],
    ["namespace", found.namespace, record.namespace],
    ["revision", told.revision, record.revision],
    ["revision", found.revision, record.revision],
    ["status", told.status, record.status],
  ] as const;
  const [what, outside, inside] = pairs.find(([, outside, inside]) => outside !== inside) ?? [];
  return what && `it contradicts itself: its ${what} is "${outside}" outside, "${inside}" in the payload`;
}
