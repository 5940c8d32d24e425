import type { ReleaseRef } from "../release/release";
import type { Queue } from "../work/queue";
import { toLookAt } from "./requests";
import type { Store } from "./store";
import { doubt } from "./tracked";

/** Has looked at again what was left to a release, or waits for an answer about it. @param delay before that, in milliseconds */
export function lookAtContested(
  rival: ReleaseRef,
  { store, queue }: { store: Store; queue: Queue },
  delay = 0,
): void {
  for (const tracked of store.contestedBy(rival)) {
    doubt(tracked);
    if (delay === 0) queue.add(toLookAt(tracked));
    else queue.addAfter(toLookAt(tracked), delay);
  }
}
