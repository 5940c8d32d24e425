import type { KindActions } from "../cluster/k8s";
import type { Reporter } from "../report/reporter";
import { NAMESPACES, namespaceSchema, type Namespace, type Namespaces } from "../state/namespaces";
import { common } from "../state/watched";
import type { Followed } from "./followed";
import type { Sight } from "./sight";
import { WrittenObjects } from "./written-objects";

const SEES = common(NAMESPACES, "of policies");

interface Parts {
  readonly watched: KindActions;
  readonly namespaces: Namespaces;
  readonly reporter: Reporter;
  readonly sight: Sight;
  readonly changed: (namespace: Namespace) => void;
  readonly listed: () => void;
  readonly failed: () => void;
}

/** Follows namespaces, of which only metadata, while a policy needs them. */
export class FollowedNamespaces {
  readonly #parts: Parts;
  #open: WrittenObjects<Namespace> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Opens or closes the watch. */
  fit(areNeeded: boolean): void {
    if (areNeeded && !this.#open) {
      const { namespaces: known, ...parts } = this.#parts;
      this.#open = new WrittenObjects({ ...parts, known, sees: SEES, schema: namespaceSchema });
      this.#open.start();
    }
    if (!areNeeded) this.stop();
  }

  /** What the watch follows now. */
  followed(): Followed[] {
    return this.#open && this.#parts.namespaces.areListed ? [this.#open.followed()] : [];
  }

  stop(): void {
    if (!this.#open) return;
    this.#open.stop();
    this.#open = undefined;
    this.#parts.namespaces.clear();
    this.#parts.sight.remove(SEES);
  }
}
