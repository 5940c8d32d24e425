import { isOurs, type Reason } from "../../capabilities/drift/reasons";
import type { Origin } from "../../capabilities/kube/path";
import { problemWords } from "../../capabilities/report/problem-words";
import type { Tracked } from "../../capabilities/state/lock";

/** What becomes of a field, or of a whole object. */
export type Verdict =
  /** It is as the chart says, and whatever changes that goes back. */
  | { readonly is: "locked" }
  | { readonly is: "goes back" }
  /** It differs as far as anybody can tell who does not ask the server. */
  | { readonly is: "unsure" }
  | { readonly is: "created" }
  | { readonly is: "being deleted" }
  /** It stays as it is, or away. */
  | { readonly is: "stays"; readonly because: Reason }
  | { readonly is: "left"; readonly origin: Origin }
  /** A controller of the object has added it. */
  | { readonly is: "a controller's" }
  /** Only what is Helm's counts of labels, annotations and other metadata. */
  | { readonly is: "metadata" }
  | { readonly is: "the server's" };

/** What a reason means for the fields of an object that it is not about; undefined: nothing. */
export function verdictOf(because: Reason | undefined): Verdict | undefined {
  return because && !isOurs(because) ? { is: "stays", because } : undefined;
}

/** A verdict in a few words. */
export function verdictWords(verdict: Verdict, about: Pick<Tracked, "kind" | "desired">): string {
  if (verdict.is === "stays") return staysWords(verdict.because, about);
  return verdict.is === "left" ? originWords(verdict.origin) : PLAIN[verdict.is];
}

const PLAIN: Readonly<Record<Exclude<Verdict["is"], "stays" | "left">, string>> = {
  locked: "locked",
  "goes back": "goes back",
  unsure: "goes back ?",
  created: "to be created",
  "being deleted": "waits: it is being deleted",
  "a controller's": "tolerated: a controller of the object added it",
  metadata: "tolerated: labels and annotations are everybody's",
  "the server's": "the server's own",
};

function staysWords(because: Reason, about: Pick<Tracked, "kind" | "desired">): string {
  if (because.is === "ignored") return "ignored: all of the object is";
  if (because.is === "finished") return "stays away: it has run to its end";
  if (because.is === "withheld") return REFUSED;
  return `${isOurs(because) ? "not possible" : "not locked"}: ${reasonWords(because, about)}`;
}

/** Why an object stays as it is. */
export function reasonWords(because: Reason, about: Pick<Tracked, "kind" | "desired">): string {
  return problemWords({ is: "left", because }, about) ?? because.is;
}

const REFUSED = "not possible: the API server refuses it";

function originWords(origin: Origin): string {
  switch (origin.is) {
    case "chart":
      return "left to others by the chart";
    case "autoscaler":
      return "tolerated: an autoscaler sets it";
    case "known controller":
      return `tolerated: ${origin.entry}`;
    case "rule":
      return `ignored: ${origin.field}`;
    case "additions":
      return "tolerated: additions is Keep";
    case "refusal":
      return REFUSED;
  }
}
