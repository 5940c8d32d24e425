import { foreignIn } from "../drift/foreign";
import { ignoredIn } from "../drift/ignored";
import type { Observed } from "../drift/operation";
import { isOurs, type Reason } from "../drift/reasons";
import type { Reporter } from "../report/reporter";
import { ignore, ownedByOthers } from "../state/tracked";
import { situationOf, type Look } from "./look";

/** An object as it was looked at. */
interface Seen {
  readonly observed: Observed;
  /** Why it is not as desired. */
  readonly because: Reason | undefined;
}

/** All of an object, as one field: a JSON pointer. */
const WHOLE = [""];

/** Notes what others have of an object that was looked at: nothing, if it is not ours. */
export function noteShares(
  look: Look,
  { observed, because }: Seen,
  reporter: Pick<Reporter, "ignored" | "statusOf">,
): void {
  const { tracked, manager } = look;
  const live = observed.as === "live" && isOurs(because) ? observed.object : undefined;
  const foreign = live ? foreignIn(tracked.desired, live, manager).size : 0;
  if (tracked.foreign !== foreign) {
    ownedByOthers(tracked, foreign);
    reporter.statusOf(tracked.lock);
  }
  const fields = because?.is === "ignored" ? WHOLE : live ? ignoredIn(situationOf(look), live) : [];
  const before = tracked.ignored;
  if (before === fields.length) return;
  ignore(tracked, fields.length);
  reporter.ignored(tracked, fields, before);
}
