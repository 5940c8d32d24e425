import type { Condition, HelmRelease } from "../../crds/helm-release";

/** What a status says in one of its conditions, of whichever spec. */
export function conditionOf({ status }: HelmRelease, type: string): Condition | undefined {
  return status?.conditions?.find(one => one.type === type);
}

/** Whether a status tells of the spec as it is. */
export function isFollowed({ metadata, status }: HelmRelease): boolean {
  return (status?.observedGeneration ?? -1) === metadata.generation;
}

/** Whether the API server still judges changes of a release's objects by hand, as far as the status says. */
export function isJudged(helmRelease: HelmRelease): boolean {
  return conditionOf(helmRelease, "Admission")?.status === "True";
}
