import { helmReleaseKind, type HelmRelease } from "../../crds/helm-release";
import { namedSchema } from "../../crds/spec";
import { kindOf } from "../kube/kinds";
import { perObject } from "../kube/per-object";
import { canBeRelease, releaseKey, type ReleaseRef } from "../release/release";
import { KnownObjects } from "./known-objects";

/** The kind of HelmReleases. */
export const HELM_RELEASES = kindOf({
  ...helmReleaseKind,
  apiVersion: `${helmReleaseKind.group}/${helmReleaseKind.version}`,
  namespaced: true,
});

/** The HelmReleases of the registration namespace. */
export class HelmReleases extends KnownObjects<HelmRelease> {
  /** Names of HelmReleases, by the release that they name. */
  readonly #byRelease = new Map<string, Set<string>>();

  /** Those that name a release. */
  naming(release: ReleaseRef): HelmRelease[] {
    return [...(this.#byRelease.get(releaseKey(release)) ?? [])].flatMap(name => this.get(name) ?? []);
  }

  protected override replaced(before: HelmRelease | undefined, now: HelmRelease | undefined): void {
    const [from, to] = [before, now].map(one => one && namedRelease(one));
    if (before && from) {
      const names = this.#byRelease.get(releaseKey(from));
      names?.delete(before.metadata.name);
      if (names?.size === 0) this.#byRelease.delete(releaseKey(from));
    }
    if (!now || !to) return;
    const names = this.#byRelease.get(releaseKey(to)) ?? new Set();
    this.#byRelease.set(releaseKey(to), names.add(now.metadata.name));
  }
}

/** The release that a HelmRelease names, whatever else its spec says; undefined if that can be none. */
export const namedRelease = perObject(({ spec }: HelmRelease): ReleaseRef | undefined => {
  const { name, namespace } = namedSchema.safeParse(spec).data?.release ?? {};
  const release = { name: name ?? "", namespace: namespace ?? "" };
  return canBeRelease(release) ? release : undefined;
});
