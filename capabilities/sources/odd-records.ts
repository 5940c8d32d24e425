import { presenceKey, refOf } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import type { Reporter } from "../report/reporter";

/** How many are named in a namespace: anybody may make any number. */
const NAMED = 20;

/** What is labelled as a release record and is none. Warns about each once while it exists, and in a namespace with many only about the first. */
export class OddRecords {
  readonly #reporter: Pick<Reporter, "oddRecord" | "oddRecords">;
  /** Names by namespace. */
  readonly #named = new Map<string, Set<string>>();

  constructor(reporter: Pick<Reporter, "oddRecord" | "oddRecords">) {
    this.#reporter = reporter;
  }

  /** @returns whether it is named */
  note(record: KubeObject): boolean {
    const { namespace = "", name } = refOf(record);
    const named = this.#named.get(namespace) ?? new Set();
    if (named.has(name)) return true;
    if (named.size > NAMED) return false;
    this.#named.set(namespace, named.add(name));
    if (named.size <= NAMED) this.#reporter.oddRecord(presenceKey(namespace, name));
    else this.#reporter.oddRecords(namespace);
    return true;
  }

  /** Notes that it is gone. */
  forget(record: KubeObject): void {
    const { namespace = "", name } = refOf(record);
    this.#remove(namespace, name);
  }

  /** Forgets all but those present ("namespace/name"). */
  retain(present: ReadonlySet<string>): void {
    for (const [namespace, named] of this.#named)
      for (const name of named) if (!present.has(presenceKey(namespace, name))) this.#remove(namespace, name);
  }

  #remove(namespace: string, name: string): void {
    const named = this.#named.get(namespace);
    named?.delete(name);
    if (named?.size === 0) this.#named.delete(namespace);
  }
}
