import { releaseKey, type ReleaseRef } from "../release/release";
import type { Queue } from "../work/queue";
import type { Tracked } from "./lock";
import { toLookAt } from "./requests";
import type { Store } from "./store";
import { doubt } from "./tracked";

/** Has looked at again what was left to a release, or waits for an answer about it. @param delay before that, in milliseconds */
export function lookAtContested(
  rival: ReleaseRef,
  { store, queue }: { store: Store; queue: Queue },
  delay = 0,
): void {
  for (const tracked of contestedBy(rival, store)) {
    doubt(tracked);
    if (delay === 0) queue.add(toLookAt(tracked));
    else queue.addAfter(toLookAt(tracked), delay);
  }
}

/** Objects that another release has, or may have: that may change whenever its record or its lock does. */
export function contestedBy(rival: ReleaseRef, store: Pick<Store, "locks">): Tracked[] {
  const key = releaseKey(rival);
  const found: Tracked[] = [];
  for (const { objects } of store.locks())
    for (const tracked of objects.values())
      if (tracked.rival && releaseKey(tracked.rival) === key) found.push(tracked);
  return found;
}
