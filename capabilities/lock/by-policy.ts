import { lockerPolicySchema } from "../../crds/helm-locker-policy";
import type { HelmRelease } from "../../crds/helm-release";
import type { Cluster, KindActions } from "../cluster/k8s";
import type { Config } from "../config";
import type { Revisions } from "../release/revisions";
import type { RecordStorage } from "../release/storage";
import type { Reporter } from "../report/reporter";
import { FollowedNamespaces } from "../sources/followed-namespaces";
import type { Followed } from "../sources/followed";
import type { Sight } from "../sources/sight";
import { WrittenObjects } from "../sources/written-objects";
import { Assignments } from "../state/assignments";
import type { HelmReleases } from "../state/helm-releases";
import type { KnownReleases } from "../state/known-releases";
import { LOCKER_POLICIES, LockerPolicies } from "../state/locker-policies";
import { Namespaces } from "../state/namespaces";
import { toFollowPolicy } from "../state/requests";
import type { Store } from "../state/store";
import { common } from "../state/watched";
import type { Queue } from "../work/queue";
import { AssignmentController } from "./assignments";
import { GitOps } from "./gitops";
import { LockerPolicyController } from "./locker-policies";
import type { ManifestReader } from "./manifest-reader";
import { PolicyChanges } from "./policy-changes";

/** Milliseconds after which it is told of what is not seen: see sources/sight. */
const UNTIL_TOLD = 2_500;

/** What HelmLockerPolicies need of the locker. */
interface Parts {
  readonly cluster: Cluster;
  readonly store: Store;
  readonly queue: Queue;
  readonly reporter: Reporter;
  readonly sight: Sight;
  readonly helmReleases: HelmReleases;
  readonly releases: KnownReleases;
  readonly revisions: Revisions;
  readonly storage: RecordStorage;
  readonly manifests: ManifestReader;
  readonly config: Pick<Config, "controllerName" | "ownRelease">;
  readonly watched: { readonly lockerPolicies: KindActions; readonly namespaces: KindActions };
  /** Lists all records anew. */
  readonly relist: () => void;
}

/** Joins all that locks releases by policy. */
export class ByPolicy {
  readonly policies: WrittenObjects<ReturnType<typeof lockerPolicySchema.parse>>;
  readonly namespaces: FollowedNamespaces;
  readonly controllers: {
    readonly assignment: AssignmentController;
    readonly "locker policy": LockerPolicyController;
  };
  readonly #parts: Parts;
  readonly #changes: PolicyChanges;

  constructor(parts: Parts) {
    const { queue, config, watched, relist } = parts;
    this.#parts = parts;
    const lockerPolicies = new LockerPolicies(config.controllerName);
    const namespaces = new Namespaces();
    const assignments = new Assignments();
    const known = { ...parts, ...config, lockerPolicies, namespaces, assignments };
    const changes = new PolicyChanges({
      ...known,
      relist,
      followNamespaces: areNeeded => {
        this.namespaces.fit(areNeeded);
      },
    });
    const all = changes.all.bind(changes);
    this.policies = new WrittenObjects({
      ...parts,
      watched: watched.lockerPolicies,
      sees: common(LOCKER_POLICIES, "of policies"),
      schema: lockerPolicySchema,
      known: lockerPolicies,
      changed: changes.policy.bind(changes),
      listed: all,
    });
    this.namespaces = new FollowedNamespaces({
      ...parts,
      watched: watched.namespaces,
      namespaces,
      changed: changes.namespace.bind(changes),
      listed: all,
      failed: () => {
        for (const { metadata } of lockerPolicies.ours())
          queue.addAfter(toFollowPolicy(metadata.name), UNTIL_TOLD);
      },
    });
    this.controllers = {
      assignment: new AssignmentController({ ...known, gitOps: new GitOps(parts) }),
      "locker policy": new LockerPolicyController(known),
    };
    this.#changes = changes;
  }

  /** What the watches follow. */
  followed(): Followed[] {
    return [this.policies.followed(), ...this.namespaces.followed()];
  }

  stop(): void {
    this.policies.stop();
    this.namespaces.stop();
  }

  /** A HelmRelease is new, has changed or is gone. */
  helmRelease(helmRelease: HelmRelease, before: HelmRelease | undefined): void {
    this.#changes.helmRelease(helmRelease, before);
  }

  /** HelmReleases, or records, have been listed. */
  listed(): void {
    if (this.#parts.helmReleases.areListed) this.#changes.all();
  }
}
