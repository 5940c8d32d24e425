import { canBeNamespace } from "../kube/kinds";

/** Names a release: its name, and the namespace of its records. */
export interface ReleaseRef {
  readonly namespace: string;
  readonly name: string;
}

/** "namespace/name". */
export function releaseKey(release: ReleaseRef): string {
  return `${release.namespace}/${release.name}`;
}

/** The release that a key stands for. */
export function releaseOfKey(key: string): ReleaseRef {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name };
}

/** Helm's rule for release names. Source: helm pkg/chart/v2/util/validate_name.go. */
const RELEASE_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MAX_RELEASE_NAME = 53;

/** Whether Helm could give a release this name. */
export function canBeReleaseName(name: string): boolean {
  return name.length <= MAX_RELEASE_NAME && RELEASE_NAME.test(name);
}

/** Whether there can be such a release: its name goes into selectors and paths, whoever wrote it. */
export function canBeRelease({ namespace, name }: ReleaseRef): boolean {
  return canBeNamespace(namespace) && canBeReleaseName(name);
}
