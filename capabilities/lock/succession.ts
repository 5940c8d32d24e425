import type { Reporter } from "../report/reporter";
import type { Rank } from "../standby/rank";
import type { HelmReleases } from "../state/helm-releases";
import type { Store } from "../state/store";
import type { Controller } from "../work/controller";
import type { Admissions } from "./admissions";
import type { ByPolicy } from "./by-policy";
import type { Memories } from "./memories";

/** What the first of several lockers tells and keeps. */
interface Parts {
  readonly store: Pick<Store, "locks">;
  readonly helmReleases: Pick<HelmReleases, "all">;
  readonly memories: Pick<Memories, "read">;
  readonly admissions: Pick<Admissions, "read">;
  readonly byPolicy: Pick<ByPolicy, "listed">;
  readonly reporter: Pick<Reporter, "status">;
}

/** Has all that another locker may have told and kept read again, and brought in line with what this one knows. */
export function succeed({ store, helmReleases, memories, admissions, byPolicy, reporter }: Parts): void {
  for (const lock of store.locks()) memories.read(lock);
  for (const { metadata } of helmReleases.all()) reporter.status(metadata.name);
  admissions.read();
  byPolicy.listed();
}

/** A controller that has work only while this locker is the first: once it is, all is asked for again. */
export function ofFirst(rank: Pick<Rank, "isFirst">, controller: Controller): Controller {
  return {
    reconcile: async (request, attempt) =>
      rank.isFirst ? controller.reconcile(request, attempt) : undefined,
    failed: controller.failed.bind(controller),
  };
}
