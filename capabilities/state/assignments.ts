import { releaseKey, type ReleaseRef } from "../release/release";

/** What follows from the policies, as far as it was worked out. */
export class Assignments {
  /** By release, the policy that locks it. */
  readonly #policies = new Map<string, string>();
  /** By release, why its HelmRelease can't be made or changed. */
  readonly #failures = new Map<string, { readonly policy: string; readonly error: unknown }>();
  /** HelmReleases that were made, whose objects have not been counted. */
  readonly #uncounted = new Set<string>();

  /** Which policy locks a release now; undefined if none does. @returns the policies of which that changes anything */
  assign(release: ReleaseRef, policy: string | undefined): string[] {
    const key = releaseKey(release);
    const before = this.#policies.get(key);
    if (policy === undefined) this.#policies.delete(key);
    else this.#policies.set(key, policy);
    const isSettled = this.#failures.delete(key);
    return before === policy && !isSettled ? [] : [before, policy].filter(name => name !== undefined);
  }

  /** A HelmRelease can't be made or changed for now. */
  fail(key: string, error: unknown): string | undefined {
    const policy = this.#policies.get(key);
    if (policy !== undefined) this.#failures.set(key, { policy, error });
    return policy;
  }

  /** How many releases a policy locks. */
  matched(policy: string): number {
    return [...this.#policies.values()].filter(name => name === policy).length;
  }

  /** The releases of a policy of which the HelmRelease can't be made or changed, and why. */
  failures(policy: string): { readonly release: string; readonly error: unknown }[] {
    return [...this.#failures].flatMap(([release, { policy: its, error }]) =>
      its === policy ? { release, error } : [],
    );
  }

  /** A policy made a HelmRelease. */
  made(helmRelease: string): void {
    this.#uncounted.add(helmRelease);
  }

  /** Whether the objects of a HelmRelease are to be counted; once only. */
  count(helmRelease: string): boolean {
    return this.#uncounted.delete(helmRelease);
  }
}
