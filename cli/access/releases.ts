import type { Cluster } from "../../capabilities/cluster/k8s";
import { canBeNamespace } from "../../capabilities/kube/kinds";
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
 * @throws ApiError, NetworkError
 */
export async function findReleases(
  cluster: Cluster,
  { namespace, selector }: Selection,
  revisions: Revisions,
): Promise<ReleaseRef[]> {
  const found = new Map<string, ReleaseRef>();
  await Promise.all(
    DRIVERS.map(async (driver: Driver) => {
      const records = releaseRecords(cluster.K8s(KINDS[driver]).InNamespace(namespace));
      const selected = selector === undefined ? records : records.WithLabel(selector);
      await selected.Each(record => {
        const release = revisions.add(driver, record);
        if (release) found.set(releaseKey(release), release);
      });
    }),
  );
  return [...found.keys()].sort().flatMap(key => found.get(key) ?? []);
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
