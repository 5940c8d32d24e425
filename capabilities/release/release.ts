/** Names a release: its name, and the namespace of its records. */
export interface ReleaseRef {
  readonly namespace: string;
  readonly name: string;
}

/** "namespace/name". */
export function releaseKey(release: ReleaseRef): string {
  return `${release.namespace}/${release.name}`;
}
