/** What the API server does about a change of a lock's objects by hand. */
export interface AdmissionState {
  /** What it has been told to do, of some object at least; undefined: nothing. */
  readonly inForce: "Warn" | "Deny" | undefined;
  /** Why it does not do what is asked for; undefined if it does, or will soon. */
  readonly problem: AdmissionProblem | undefined;
}

export type AdmissionProblem =
  /** It knows no ValidatingAdmissionPolicy. */
  | { readonly is: "unsupported" }
  /** It could not be told. */
  | { readonly is: "failed"; readonly error: unknown }
  /** The release has too many objects for what it can be told of a namespace. */
  | { readonly is: "too large" };

/** The API server has been told nothing. */
export const NOTHING_ADMITTED: AdmissionState = { inForce: undefined, problem: undefined };
