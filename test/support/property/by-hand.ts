import type { Case, Move } from "./case";
import type { JsonObject, Place } from "./json";
import type { Specimen } from "./specimen";
import { unlessRefused } from "./stage";
import { send, writers, type Write } from "./writers";

/** What a change by hand came to that is none: "unowned" if the server has dropped the managedFields that told what is others'. */
export type NoChange = "refused" | "no change" | "unowned";

/** A change by hand that the server took. */
export interface Changed {
  readonly write: Write;
  readonly reply: JsonObject;
}

/** Metadata that is the chart's or Helm's: it comes back, too. */
const MARKS: readonly Place[] = [
  ["metadata", "labels", "app"],
  ["metadata", "labels", "app.kubernetes.io/managed-by"],
  ["metadata", "annotations", "note"],
  ["metadata", "annotations", "meta.helm.sh/release-name"],
  ["metadata", "annotations", "helm.sh/resource-policy"],
];

/** Changes an object by hand. @param live the object as the API version has it through which it is changed; by default it is read */
export async function changeByHand(
  specimen: Specimen,
  move: Move,
  live?: JsonObject,
): Promise<Changed | NoChange> {
  const { stage, is } = specimen;
  const version = versionOf(move, is);
  const before = live ?? (await specimen.read(version));
  const change = specimen.changes(move.dice, version, MARKS).of(before, move.verb);
  const write =
    change &&
    writers[move.writer]?.({ path: specimen.path(version), live: before, change, schemas: stage.schemas });
  if (!write || specimen.isOthers(change.operation.place)) return "no change";
  const reply = await unlessRefused(send(stage.room.api, write));
  if (!reply) return "refused";
  if (specimen.isLost(reply)) return "unowned";
  if (specimen.isLike(reply, before)) {
    specimen.noteShared(reply);
    return "no change";
  }
  specimen.noteFreed(reply);
  return { write, reply };
}

/** The API version that a change is made through. */
export function versionOf({ isOlder }: Move, { subject: { apiVersion, older = apiVersion } }: Case): string {
  return isOlder ? older : apiVersion;
}
