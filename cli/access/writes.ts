import { helmReleaseKind, helmReleaseSchema, type HelmRelease } from "../../crds/helm-release";
import { ConflictError, NotFoundError } from "../../capabilities/cluster/errors";
import type { JsonObject } from "../../capabilities/kube/object";
import type { Precondition } from "../../capabilities/kube/version";
import type { ReleaseRef } from "../../capabilities/release/release";
import { HELM_RELEASES } from "../../capabilities/state/helm-releases";
import { UserError } from "../errors";
import type { Place } from "./follower";
import { readReply } from "./replies";

/** The owner of what the command writes. */
const FIELD_MANAGER = { fieldManager: "helm-locker-cli" };

/** How often something is tried whose ground changes meanwhile. */
const ATTEMPTS = 5;

/** Reads and writes anew where what was read has changed or gone before the write. @param attempt reads, decides and writes */
export async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      const isOutrun = error instanceof ConflictError || error instanceof NotFoundError;
      if (!isOutrun || left <= 1) throw error;
    }
  }
}

/**
 * Makes a HelmRelease.
 *
 * @throws UserError if there is no such namespace; ConflictError if the name is taken; ApiError, NetworkError
 */
export async function create(
  { cluster, namespace }: Place,
  name: string,
  { release, spec }: { readonly release: ReleaseRef; readonly spec: object },
): Promise<HelmRelease> {
  const { group, version, kind } = helmReleaseKind;
  const { name: releaseName, namespace: releaseNamespace } = release;
  const object = {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: { name, namespace },
    spec: { ...spec, release: { name: releaseName, namespace: releaseNamespace } },
  };
  try {
    return asWritten(await cluster.K8s(HELM_RELEASES).Create(object, FIELD_MANAGER));
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    throw new UserError(
      `there is no namespace ${namespace}: name the one of the locker's HelmReleases with --registration-namespace`,
      { cause: error },
    );
  }
}

/**
 * Changes fields of a HelmRelease's spec, if it is as it was read.
 *
 * @param spec null where a field is to go
 * @throws ConflictError, NotFoundError if it is not; ApiError, NetworkError
 */
export async function change(
  { cluster }: Place,
  { metadata }: HelmRelease,
  spec: JsonObject,
): Promise<HelmRelease> {
  const { name, namespace } = metadata;
  const object = { metadata: { name, namespace }, spec };
  const config = { ...FIELD_MANAGER, precondition: stateOf(metadata) };
  return asWritten(await cluster.K8s(HELM_RELEASES).Merge(object, config));
}

/** Deletes a HelmRelease, if it is as it was read. @throws ConflictError, NotFoundError if it is not; ApiError, NetworkError */
export async function remove({ cluster }: Place, { metadata }: HelmRelease): Promise<void> {
  const { name, namespace } = metadata;
  await cluster.K8s(HELM_RELEASES, { name, namespace }).Delete(stateOf(metadata), {});
}

function asWritten(reply: unknown): HelmRelease {
  return readReply(helmReleaseSchema, reply, "a HelmRelease");
}

function stateOf({ uid = "", resourceVersion = "" }: HelmRelease["metadata"]): Precondition {
  return { uid, resourceVersion };
}
