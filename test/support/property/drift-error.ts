import { helmReleasePath, statusOf } from "../../../hack/locker/helm-release";
import { NAMESPACE } from "../room";
import type { Specimen } from "./specimen";

/** What is wrong, with everything to do it again. */
export class DriftError extends Error {
  override readonly name = "DriftError";
}

/** What is wrong with a specimen, in words. @param more what else tells about it */
export async function driftError(
  specimen: Specimen,
  what: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<DriftError> {
  const { is, stage, name, manifest, expected, others } = specimen;
  const status = statusOf(await stage.room.api.get(helmReleasePath(name)));
  const live = await specimen.read();
  const details = {
    "where it differs": specimen.astray(live),
    way: is.way,
    manifest,
    "written by others": others,
    ...more,
    "what is live": live,
    "what is expected": expected,
    ready: status.conditions.find(({ type }) => type === "Ready"),
    requests: await requestsFor(specimen),
    log: stage.room.locker.logs.filter(({ release }) => release === `${NAMESPACE}/${name}`),
  };
  const lines = Object.entries(details).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return new DriftError([`${specimen.path()}: ${what}`, ...lines].join("\n"));
}

/** What the locker has sent about a specimen, and how that was answered. */
async function requestsFor(specimen: Specimen): Promise<string[]> {
  const { controlPlane, lockerUser } = specimen.stage.room;
  const events = (await controlPlane.auditLog()).filter(
    ({ user, requestURI }) => user.username === lockerUser && requestURI.startsWith(specimen.path()),
  );
  return events.map(({ verb, requestURI, responseStatus }) =>
    `${verb} ${requestURI.slice(specimen.path().length)} ${responseStatus?.code ?? ""}`.trim(),
  );
}
