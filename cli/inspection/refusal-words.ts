import type { KubeObject } from "../../capabilities/kube/object";
import { errorWords, nameOf } from "../../capabilities/report/words";
import { causeWords } from "../output/error-words";
import type { Finding } from "./finding";

/** What the API server says of a Secret may quote its values. */
export function causeOf(error: unknown, object: KubeObject): string {
  return object.kind === "Secret" ? errorWords(error, object) : causeWords(error);
}

/** Why the API server refuses to put right what is withheld of objects. */
export function refusalWords(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ look, error }) => error === undefined && look.withheld.length > 0)
    .map(({ look: { tracked, refusal } }) => {
      const { desired } = tracked;
      return `Not possible: ${nameOf(desired)}: ${causeOf(refusal, desired)}`;
    });
}
