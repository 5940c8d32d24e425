import { isDeepStrictEqual } from "node:util";
import type { Access } from "../cluster/access";
import { ForbiddenError } from "../cluster/errors";
import type { Account } from "../kube/account";
import { collectionPath, refOf, type Kind } from "../kube/kinds";
import type { Reporter } from "../report/reporter";
import type { Lock, Tracked } from "../state/lock";
import type { Problem, Unwritable } from "../state/problems";
import { toLookAt } from "../state/requests";
import { accountOf } from "../state/standing";
import type { Store } from "../state/store";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";
import { untilSomebodyActs } from "../work/retry";
import type { Accounts } from "./accounts";

/** Whom it asks, and where it notes and tells the answers. */
interface Parts {
  readonly access: Access;
  readonly accounts: Accounts;
  readonly store: Store;
  readonly queue: Queue;
  readonly reporter: Reporter;
}

/** What of a lock can't be written. */
type Lacking = Pick<Lock, "unwritable" | "accountProblem">;

/** What a missing right or ServiceAccount does to an object. */
const OF_RIGHTS: ReadonlySet<Problem["is"]> = new Set(["failed", "irrevocable", "no account", "barred"]);

/** Finds out what of a lock the locker, or the lock's ServiceAccount, may not write, and keeps asking while there is something. */
export class RightsController implements Controller {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async reconcile({ name }: Request, attempt: number): Promise<Result> {
    const { store, reporter } = this.#parts;
    const lock = store.lockOf(name);
    if (lock?.phase?.stance !== "lock") return undefined;
    const { unwritable, accountProblem } = lock;
    const lacking = await this.#lacking(lock);
    if (!isDeepStrictEqual({ unwritable, accountProblem }, lacking)) {
      store.lacks(lock, lacking);
      this.#endBackOffs(lock, { unwritable, accountProblem });
      reporter.statusOf(lock);
    }
    const isMissing = lacking.accountProblem !== undefined || lacking.unwritable.size > 0;
    return isMissing ? { retryAfter: untilSomebodyActs(attempt) } : undefined;
  }

  failed({ name }: Request, error: unknown): void {
    this.#parts.reporter.troubled(
      "can't ask what of release {release} may be written",
      { release: name },
      error,
    );
  }

  /** What was refused for a missing right may succeed now. */
  #endBackOffs({ objects, unwritable, accountProblem }: Lock, before: Lacking): void {
    if (accountProblem) return;
    for (const tracked of objects.values()) {
      const collection = collectionPath(tracked.kind);
      const isGranted = before.unwritable.has(collection) && !unwritable.has(collection);
      if (tracked.problem && OF_RIGHTS.has(tracked.problem.is) && (before.accountProblem || isGranted))
        this.#parts.queue.retryNow(toLookAt(tracked));
    }
  }

  async #lacking(lock: Lock): Promise<Lacking> {
    const account = accountOf(lock);
    const accountProblem = await this.#parts.accounts.problemOf(account);
    if (accountProblem) return { unwritable: new Map(), accountProblem };
    try {
      return { unwritable: await this.#unwritable(lock.objects.values(), account), accountProblem };
    } catch (error) {
      if (!account || !(error instanceof ForbiddenError)) throw error;
      return { unwritable: new Map(), accountProblem: { is: "barred", account } };
    }
  }

  /**
   * Does not ask for the right to grant rights, which depends on what is granted.
   *
   * @throws ForbiddenError where the locker may not ask as the ServiceAccount
   */
  async #unwritable(
    objects: Iterable<Tracked>,
    account: Account | undefined,
  ): Promise<Map<string, Unwritable>> {
    const found = new Map<string, Unwritable>();
    for (const [collection, { kind, namespaces }] of byCollection(objects)) {
      const denied: (string | undefined)[] = [];
      for (const namespace of namespaces)
        if (!(await this.#parts.access.mayWrite({ kind, namespace, account }))) denied.push(namespace);
      if (denied.length > 0) found.set(collection, { kind, account, namespaces: denied });
    }
    return found;
  }
}

function byCollection(objects: Iterable<Tracked>) {
  const found = new Map<string, { kind: Kind; namespaces: Set<string | undefined> }>();
  for (const { kind, desired } of objects) {
    const collection = collectionPath(kind);
    const { namespace } = refOf(desired);
    const known = found.get(collection);
    if (known) known.namespaces.add(namespace);
    else found.set(collection, { kind, namespaces: new Set([namespace]) });
  }
  return found;
}
