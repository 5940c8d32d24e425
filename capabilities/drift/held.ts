import type { KubeObject } from "../kube/object";
import { pathOf } from "../kube/path";
import { leftovers, type Judging } from "./additions";
import { isOwn, type Known } from "./known";
import { take, WHAT_IS_LACKING } from "./take";

/**
 * What is desired, with the server's own that Helm's entry in managedFields holds since it was brought back: an apply without it would take
 * it away, and where others have a part in what is around it, the server does not make its default anew. Before the object was right once, nothing was brought back: what the entry holds then, a takeover has given it.
 */
export function withHeld(judging: Judging, known: Known | undefined): KubeObject {
  if (known?.right === undefined) return judging.desired;
  return leftovers(judging)
    .filter(({ pointer, value }) => isOwn(known, pointer, value))
    .reduce((whole, { path }) => take(whole, judging.live, pathOf(path), WHAT_IS_LACKING), judging.desired);
}
