import { ForbiddenError } from "../../capabilities/cluster/errors";
import type { Cluster } from "../../capabilities/cluster/k8s";
import { canBeNamespace } from "../../capabilities/kube/kinds";
import type { KubeObject } from "../../capabilities/kube/object";
import { canBeReleaseName, releaseKey, type ReleaseRef } from "../../capabilities/release/release";
import { DRIVERS, type Driver, type Revisions } from "../../capabilities/release/revisions";
import { CONFIG_MAPS, releaseRecords, SECRETS } from "../../capabilities/sources/release-records";
import { UserError } from "../errors";

/** Where Helm keeps records. */
const KINDS = { Secret: SECRETS, ConfigMap: CONFIG_MAPS };

/** Which releases a command is about. */
export interface Selection {
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  /** A selector of the labels that Helm has put on the record; undefined: any. */
  readonly selector: string | undefined;
}

/**
 * Every release that has a record, by namespace and name; its revisions are noted.
 *
 * @param onDenied called if records of one kind may not be listed, and only those of the other one are known
 * @throws ApiError, NetworkError
 */
export async function findReleases(
  cluster: Cluster,
  selection: Selection,
  revisions: Revisions,
  onDenied: (error: ForbiddenError) => void = () => undefined,
): Promise<ReleaseRef[]> {
  const found = new Map<string, ReleaseRef>();
  const denied: ForbiddenError[] = [];
  for (const listed of await Promise.allSettled(
    DRIVERS.map(driver => recordsOf(cluster, driver, selection, note)),
  )) {
    if (listed.status === "fulfilled") continue;
    if (!(listed.reason instanceof ForbiddenError)) throw listed.reason;
    denied.push(listed.reason);
  }
  const [error] = denied;
  if (error && denied.length === DRIVERS.length) throw error;
  if (error) onDenied(error);
  return [...found.keys()].sort().flatMap(key => found.get(key) ?? []);

  function note(driver: Driver, record: KubeObject): void {
    const release = revisions.add(driver, record);
    if (release) found.set(releaseKey(release), release);
  }
}

async function recordsOf(
  cluster: Cluster,
  driver: Driver,
  { namespace, selector }: Selection,
  onRecord: (driver: Driver, record: KubeObject) => void,
): Promise<void> {
  const records = releaseRecords(cluster.K8s(KINDS[driver]).InNamespace(namespace));
  const selected = selector === undefined ? records : records.WithLabel(selector);
  await selected.Each(record => {
    onRecord(driver, record);
  });
}

/**
 * The release that a user names: "shop", in the namespace of the flag or of the context, or "demo/shop".
 *
 * @throws UserError if there can't be such a release
 */
export function readRelease(text: string, namespace: string): ReleaseRef {
  const [first = "", second, ...rest] = text.split("/");
  const release = second === undefined ? { namespace, name: first } : { namespace: first, name: second };
  if (rest.length > 0) throw new UserError(`"${text}" is no release: write NAME, or NAMESPACE/NAME`);
  if (!canBeReleaseName(release.name))
    throw new UserError(`"${release.name}" can't be the name of a release: write NAME, or NAMESPACE/NAME`);
  if (!canBeNamespace(release.namespace))
    throw new UserError(`"${release.namespace}" can't be the name of a namespace`);
  return release;
}
