import { statusOf, type Status } from "../../../hack/locker/helm-release";
import { AFTER_REFUSAL, inTime } from "../in-time";
import { isMap, jsonObject, type JsonObject } from "./json";
import type { Specimen } from "./specimen";

/**
 * Waits until a change is undone, or until the status says that it can't be.
 *
 * @param reply the object with the change
 * @throws PatienceError if neither comes in time
 */
export async function untilUndone(specimen: Specimen, reply: JsonObject): Promise<"reverted" | "told"> {
  const { stage, is, name, objectName } = specimen;
  const over = new AbortController();
  const [objects, helmReleases] = await Promise.all([stage.watch(is.subject), stage.helmReleases()]);
  const changed = versionOf(reply);
  const undone = objects
    .untilObject(
      objectName,
      now =>
        now !== undefined &&
        BigInt(now.metadata.resourceVersion) > changed &&
        specimen.isRight(jsonObject.parse(now)),
      over.signal,
    )
    .then(() => "reverted" as const);
  const told = helmReleases
    .untilObject(name, now => isTold(statusOf(now)), over.signal)
    .then(() => "told" as const);
  try {
    const path = specimen.path();
    const first = await inTime(stage.room, path, Promise.race([undone, told]));
    if (first === "reverted" || !(await specimen.canBeUndone())) return first;
    return await inTime(stage.room, path, undone, AFTER_REFUSAL);
  } finally {
    over.abort();
    await Promise.allSettled([undone, told]);
  }
}

function versionOf({ metadata }: JsonObject): bigint {
  const version = isMap(metadata) ? metadata.resourceVersion : undefined;
  return BigInt(typeof version === "string" ? version : 0);
}

function isTold({ conditions }: Status): boolean {
  return conditions.some(
    ({ type, status, reason }) => type === "Ready" && status === "False" && reason === "Problems",
  );
}
