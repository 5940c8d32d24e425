import type { Access } from "../cluster/access";
import { ForbiddenError } from "../cluster/errors";
import { isWrite, type Operation } from "../drift/operation";
import type { Account } from "../kube/account";
import { collectionPath, refOf } from "../kube/kinds";
import type { Tracked } from "../state/lock";
import type { AccountProblem } from "../state/problems";
import { toAskForRights } from "../state/requests";
import { accountOf } from "../state/standing";
import type { Queue } from "../work/queue";
import { untilSomebodyActs } from "../work/retry";
import type { Later, Look } from "./look";

/** Whom it asks, and whom it tells. */
interface Parts {
  readonly access: Pick<Access, "presenceOf" | "doubt">;
  readonly queue: Pick<Queue, "add">;
}

/**
 * Sees to it that nothing is asked or written as a ServiceAccount that does not exist: the API server would let the locker, with the rights
 * that bindings give the name.
 */
export class Accounts {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Why nothing can be written as a ServiceAccount. @throws ApiError, NetworkError: ask again */
  async problemOf(account: Account | undefined): Promise<AccountProblem | undefined> {
    if (!account) return undefined;
    const presence = await this.#parts.access.presenceOf(account);
    if (presence === "there") return undefined;
    return { is: presence === "missing" ? "no account" : "barred", account };
  }

  /** When to look again, if an operation can't be carried out as the lock's ServiceAccount; otherwise, it will be. */
  async obstacle(look: Look, operation: Operation): Promise<Later | undefined> {
    if (!isWrite(operation) && operation.do !== "probe" && operation.do !== "compare") return undefined;
    const { lock } = look.tracked;
    look.account = accountOf(lock);
    const problem = await this.problemOf(look.account);
    if (!problem) return undefined;
    this.#parts.queue.add(toAskForRights(lock.release));
    return { problem, retryAfter: untilSomebodyActs(look.attempt) };
  }

  /** A look at an object has failed. If it was for a right that was there when that was asked about, it is asked about anew. */
  failed({ lock, kind, desired }: Tracked, error: unknown): void {
    const isRightMissing = error instanceof ForbiddenError && error.rule !== undefined;
    if (!isRightMissing || lock.unwritable.has(collectionPath(kind))) return;
    const { access, queue } = this.#parts;
    access.doubt({ kind, namespace: refOf(desired).namespace, account: accountOf(lock) });
    queue.add(toAskForRights(lock.release));
  }
}
