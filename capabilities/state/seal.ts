import { createHash } from "node:crypto";
import type { Newest } from "../release/storage";
import type { Lock, Seal } from "./lock";
import type { Rewritten } from "./phase";

/** What the manifest of a newest record is known by; undefined where there is none. */
export function sealOf(newest: Newest): Seal | undefined {
  if (newest.is !== "record") return undefined;
  const digest = createHash("sha256").update(newest.record.manifest).digest("hex");
  return { uid: newest.state.uid, digest };
}

/** A newest record as far as it is believed: no manifest that has changed under the same uid. @param seal of that record */
export function untampered(
  newest: Newest,
  seal: Seal | undefined,
  { seal: locked }: Pick<Lock, "seal">,
): Newest | Rewritten {
  if (newest.is !== "record" || seal?.uid !== locked?.uid || seal?.digest === locked?.digest) return newest;
  const { revision, driver } = newest.state;
  return { is: "rewritten", revision, driver };
}
