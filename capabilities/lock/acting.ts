import type { Access } from "../cluster/access";
import type { Cluster } from "../cluster/k8s";
import type { Revisions } from "../release/revisions";
import type { RecordStorage } from "../release/storage";
import type { Reporter } from "../report/reporter";
import type { Rank } from "../standby/rank";
import { lookAtContested } from "../state/contested";
import type { Lock } from "../state/lock";
import type { Store } from "../state/store";
import type { Queue } from "../work/queue";
import { Accounts } from "./accounts";
import { Chronicle } from "./chronicle";
import { Clearance } from "./clearance";
import { Creator } from "./creator";
import { Drifts } from "./drifts";
import { DryRuns } from "./dry-runs";
import { Fights } from "./fights";
import { Gate } from "./gate";
import type { ManifestReader } from "./manifest-reader";
import { Patience } from "./patience";
import { Questions } from "./questions";
import { Refusals } from "./refusals";
import { Rivals } from "./rivals";
import { Salvage } from "./salvage";
import { Undo } from "./undo";
import { Writer } from "./writer";

/** What looks at objects rest on. */
interface Parts {
  readonly cluster: Cluster;
  readonly access: Access;
  readonly store: Store;
  readonly queue: Queue;
  readonly reporter: Reporter;
  readonly rank: Rank;
  readonly mayTell: (lock: Lock) => boolean;
  readonly storage: RecordStorage;
  readonly revisions: Revisions;
  readonly manifests: ManifestReader;
}

/** Joins all that asks and writes when an object is looked at. */
export function joinActing(parts: Parts) {
  const { cluster, access, store, queue, reporter, rank, mayTell, storage } = parts;
  const gate = new Gate(storage.isCurrent.bind(storage));
  const clearance = new Clearance({ gate, queue });
  const fights = new Fights();
  const salvage = new Salvage(new Refusals());
  const undo = new Undo(parts);
  const accounts = new Accounts({ access, queue });
  const chronicle = new Chronicle(reporter);
  const creator = new Creator({ cluster, access, clearance, undo, fights, chronicle });
  const dryRuns = new DryRuns(cluster);
  const writer = new Writer({ cluster, dryRuns, clearance, creator, fights, salvage, chronicle });
  const rivals = new Rivals({
    ...parts,
    answered: release => {
      lookAtContested(release, { store, queue });
    },
  });
  const questions = new Questions({ cluster, rivals, dryRuns });
  const drifts = new Drifts({ reporter, chronicle, mayTell });
  const patience = new Patience({ rank, fights });
  return { writer, questions, drifts, fights, salvage, patience, chronicle, accounts };
}
