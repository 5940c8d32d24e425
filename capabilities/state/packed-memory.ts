import { createHash } from "node:crypto";
import * as z from "zod";
import { memoryKind } from "../../crds/memory";
import { policySchema } from "../../crds/spec";
import { kindOf } from "../kube/kinds";
import { MAX_OBJECTS } from "../release/manifest";
import type { Remembered, Seal } from "./lock";
import { ANY, type Memory } from "./memory";

/** The kind of memories: one beside each HelmRelease. */
export const MEMORIES = kindOf({
  ...memoryKind,
  apiVersion: `${memoryKind.group}/${memoryKind.version}`,
  namespaced: true,
});

/** What a memory is about: it is worth nothing for another release, or another HelmRelease of the same name. */
export interface MemorySubject {
  /** "namespace/name" of the release. */
  readonly release: string;
  /** The uid of the HelmRelease. */
  readonly helmRelease: string;
}

/** An object takes the digest of its key, its marks, and the digest of its content. */
const DIGEST = 16;
const ENTRY = DIGEST + 1 + DIGEST;
const MARKS = { seen: 1, finished: 2, rivals: 4 } as const;

/** What was told of an object takes the digest of its key, and that of the drift. */
const TOLD = DIGEST + DIGEST;

/** Another form than this one is not read. */
const FORM = 1;

function entries(bytes: number) {
  return z.base64().max(Math.ceil((MAX_OBJECTS * bytes) / 3) * 4);
}

const specSchema = z.object({
  form: z.literal(FORM),
  release: z.string(),
  helmRelease: z.string(),
  record: z.object({ uid: z.string().max(253), digest: z.string().max(64) }).optional(),
  manager: z.string().max(128).optional(),
  policy: policySchema.optional(),
  objects: entries(ENTRY),
  told: entries(TOLD).optional(),
  checksum: z.string(),
  /** Of the checksum, and of what was told: earlier versions know neither. */
  toldChecksum: z.string().optional(),
});

/** A memory as it is stored. */
export type MemorySpec = z.infer<typeof specSchema>;

const storedSchema = z.object({ spec: specSchema });

/** Puts a memory into the form in which it is stored: the same memory always gives the same. */
export function packMemory(
  { seal, manager, policy, objects }: Memory,
  { release, helmRelease }: MemorySubject,
): MemorySpec {
  const packed = [...objects].map(([key, object]) => packObject(key, object, seal));
  const told = [...objects].flatMap(([key, { told }]) => (told === undefined ? [] : packTold(key, told)));
  const spec = {
    form: FORM,
    release,
    helmRelease,
    ...(seal && { record: seal }),
    ...(manager !== undefined && { manager }),
    ...(policy && { policy }),
    objects: inOrder(packed),
  } as const;
  const checksum = checksumOf(spec);
  return { ...spec, checksum, ...(told.length > 0 && toldIn(inOrder(told), checksum)) };
}

/** Reads a stored memory; undefined if it is damaged, of another form, or about something else. */
export function unpackMemory(stored: unknown, subject: MemorySubject): Memory | undefined {
  const spec = storedSchema.safeParse(stored).data?.spec;
  if (spec?.release !== subject.release || spec.helmRelease !== subject.helmRelease) return undefined;
  if (spec.checksum !== checksumOf(spec) || !isToldWhole(spec)) return undefined;
  const [packed, told] = [entriesOf(spec.objects, ENTRY), entriesOf(spec.told ?? "", TOLD)];
  if (!packed || !told) return undefined;
  const toldOf = new Map(told.map(entry => [keyOf(entry), entry.toString("base64url", DIGEST)]));
  const objects = new Map(
    packed.map(entry => [
      keyOf(entry),
      { ...unpackObject(entry, spec.record), told: toldOf.get(keyOf(entry)) },
    ]),
  );
  return { seal: spec.record, manager: spec.manager, policy: spec.policy, objects };
}

/** Stands for all of a memory. */
export function identityOf({ checksum, toldChecksum }: MemorySpec): string {
  return toldChecksum ?? checksum;
}

function toldIn(told: string, checksum: string) {
  return { told, toldChecksum: digestOf([checksum, told]) };
}

function isToldWhole({ told, toldChecksum, checksum }: MemorySpec): boolean {
  return toldChecksum === (told === undefined ? undefined : toldIn(told, checksum).toldChecksum);
}

/** The same entries always give the same text. */
function inOrder(entries: Buffer[]): string {
  return Buffer.concat(entries.sort((one, other) => one.compare(other))).toString("base64");
}

/** @returns undefined if they are not whole */
function entriesOf(text: string, size: number): Buffer[] | undefined {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length % size !== 0) return undefined;
  return Array.from({ length: bytes.length / size }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

function keyOf(entry: Buffer): string {
  return entry.toString("base64url", 0, DIGEST);
}

function packTold(key: string, told: string): Buffer {
  return Buffer.concat([Buffer.from(key, "base64url"), Buffer.from(told, "base64url")]);
}

function packObject(key: string, object: Remembered, seal: Seal | undefined): Buffer {
  const { seenAs, isFinished, rivalsUnder } = object;
  const isRivals = rivalsUnder !== undefined && rivalsUnder === seal?.uid;
  const marks =
    (seenAs === undefined ? 0 : MARKS.seen) |
    (isFinished ? MARKS.finished : 0) |
    (isRivals ? MARKS.rivals : 0);
  return Buffer.concat([
    Buffer.from(key, "base64url"),
    Buffer.from([marks]),
    Buffer.from(seenAs ?? ANY, "base64url"),
  ]);
}

function unpackObject(entry: Buffer, seal: Seal | undefined): Omit<Remembered, "told"> {
  const marks = entry[DIGEST] ?? 0;
  const has = (mark: number) => (marks & mark) !== 0;
  return {
    seenAs: has(MARKS.seen) ? entry.toString("base64url", DIGEST + 1) : undefined,
    isFinished: has(MARKS.finished),
    rivalsUnder: has(MARKS.rivals) ? seal?.uid : undefined,
  };
}

/** Tells what was cut short or edited from what was stored. Without a policy, it is that of earlier versions, which knew none. */
function checksumOf({
  form,
  release,
  helmRelease,
  record,
  manager,
  policy,
  objects,
}: Omit<MemorySpec, "checksum">): string {
  const known = [form, release, helmRelease, record?.uid, record?.digest, manager, objects];
  return digestOf([...known, ...(policy ? [policy] : [])]);
}

function digestOf(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
