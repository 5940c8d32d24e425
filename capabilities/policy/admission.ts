import type { AdmissionSpec } from "../../crds/spec";
import { userOf } from "../kube/account";

/** What the API server does about a change by hand, before it happens. */
export interface Admission {
  readonly action: "Ignore" | "Warn" | "Deny";
  /** Whether ServiceAccounts outside kube-system are judged, too. */
  readonly subjects: "Users" | "All";
  /** Who runs Helm; undefined: whoever may write the release's records. */
  readonly deployers: Deployers | undefined;
}

/** The users and groups that run Helm, as the API server names them. */
interface Deployers {
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

/** What a HelmRelease without admission asks for. */
export const NO_ADMISSION: Admission = { action: "Ignore", subjects: "Users", deployers: undefined };

/** What a spec asks for. */
export function admissionOf({ action, subjects, deployers }: AdmissionSpec = {}): Admission {
  return {
    action: action ?? NO_ADMISSION.action,
    subjects: subjects ?? NO_ADMISSION.subjects,
    deployers: deployers && {
      users: deployers.flatMap(({ kind, name, namespace = "" }) => {
        if (kind === "Group") return [];
        return kind === "User" ? [name] : [userOf({ namespace, name })];
      }),
      groups: deployers.flatMap(({ kind, name }) => (kind === "Group" ? [name] : [])),
    },
  };
}
