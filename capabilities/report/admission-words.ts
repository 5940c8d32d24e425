import type { AdmissionProblem } from "../state/admission-state";
import type { Lock } from "../state/lock";
import type { ReasonOf, Verdict, Words } from "./conditions";
import { errorWords } from "./words";

/** What a status says of whether the API server judges changes by hand; undefined where it is not to, and does not. */
export function admissionVerdict({ policy, admission }: Lock): Verdict<"Admission"> | undefined {
  const { inForce, problem } = admission;
  if (policy.admission.action === "Ignore" && inForce === undefined) return undefined;
  return { is: inForce !== undefined, ...(problem ? problemWords(problem) : wordsOf(inForce)) };
}

function wordsOf(inForce: "Warn" | "Deny" | undefined): Words<ReasonOf<"Admission">> {
  switch (inForce) {
    case "Deny":
      return { reason: "Deny", message: "The API server refuses changes by hand." };
    case "Warn":
      return { reason: "Warn", message: "The API server warns of changes by hand." };
    case undefined:
      return { reason: "Idle", message: "The API server judges no change: nothing is locked now." };
  }
}

function problemWords(problem: AdmissionProblem): Words<ReasonOf<"Admission">> {
  switch (problem.is) {
    case "unsupported":
      return {
        reason: "NotSupported",
        message:
          "Kubernetes knows no ValidatingAdmissionPolicy (admissionregistration.k8s.io/v1), which version 1.30 brought: the lock reverts what is changed by hand, and nothing is refused.",
      };
    case "failed":
      return {
        reason: "Failed",
        message: `The API server can't be told what to refuse: ${errorWords(problem.error)}`,
      };
    case "too large":
      return {
        reason: "TooLarge",
        message:
          "A namespace has too many locked objects for what the API server can be told: this release, one of the largest, is left out, in some namespace at least. The lock reverts what is changed by hand.",
      };
  }
}
