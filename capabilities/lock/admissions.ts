import { isDeepStrictEqual } from "node:util";
import { isRefusal, NotFoundError } from "../cluster/errors";
import type { Config } from "../config";
import { presenceKey } from "../kube/kinds";
import { isObject, type KubeObject } from "../kube/object";
import { releaseKey } from "../release/release";
import type { Reporter } from "../report/reporter";
import { NOTHING_ADMITTED, type AdmissionProblem, type AdmissionState } from "../state/admission-state";
import type { HelmReleases } from "../state/helm-releases";
import type { Lock } from "../state/lock";
import { asksForAdmission, releaseLocksOf, type ReleaseLocks } from "../state/release-locks";
import { toAdmit, toBringAdmission, toWriteReleaseLock } from "../state/requests";
import type { Store } from "../state/store";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";
import type { AdmissionStorage } from "./admission-storage";
import type { Readiness } from "./readiness";

/** How long what is new of locks waits for more, in milliseconds. */
const GATHERING = 20;

/** How often it is asked whether all locks of the start are loaded, in milliseconds, and how many times that is waited for. */
const LOADING = 100;
const MOST_LOADING = 100;

const NOTHING_ASKED: ReleaseLocks = { wanted: new Map(), leftOut: new Set() };

/** Whose locks the API server is told of, and where problems are told. */
interface Parts {
  readonly storage: Pick<AdmissionStorage, keyof AdmissionStorage>;
  readonly store: Pick<Store, "locks" | "admit">;
  readonly queue: Pick<Queue, "add" | "addAfter" | "addNow">;
  readonly helmReleases: Pick<HelmReleases, "areListed">;
  readonly readiness: Pick<Readiness, "isLoading">;
  readonly reporter: Pick<Reporter, "troubled" | "waiting" | "statusOf">;
  readonly config: Pick<Config, "namespace" | "controllerName">;
}

/**
 * Tells the API server of the locks that ask for admission, in ReleaseLocks. Neither Helm nor a revert waits for that: where it is late, the
 * API server lets through what the lock then reverts.
 */
export class Admissions implements Controller {
  readonly #parts: Parts;
  /** What is stored, by the keys of ReleaseLocks. */
  #stored = new Map<string, KubeObject>();
  /** Whether somebody has to look what is stored. */
  #isStale = true;
  #hasBegun = false;
  #asked = NOTHING_ASKED;
  /** The user that the locker is. */
  #user: string | undefined;
  #isBrought = false;
  /** What has failed last, by the names of requests. */
  readonly #failures = new Map<string, unknown>();
  /** Whether nothing is asked for, in force or in trouble: then no lock has anything to note. */
  #isIdle = true;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Something may have changed of what the API server has to be told. */
  ask(): void {
    this.#parts.queue.addAfter(toAdmit(), GATHERING);
  }

  /** Has what is stored read again: another locker may have written it. */
  read(): void {
    this.#isStale = true;
    this.ask();
  }

  async reconcile({ name }: Request, attempt: number): Promise<Result> {
    if (name === toAdmit().name) {
      if (this.#isTooEarly(attempt)) return { retryAfter: LOADING };
      await this.#compare();
    } else if (name === toBringAdmission().name) await this.#bring();
    else await this.#follow(name);
    this.#failures.delete(name);
    this.#note();
    return undefined;
  }

  failed({ name }: Request, error: unknown): void {
    const line = "can't tell the API server of locked releases";
    if (error instanceof NotFoundError) this.#parts.reporter.waiting(line, {}, error);
    else this.#parts.reporter.troubled(line, {}, error);
    if (!isRefusal(error)) return;
    this.#failures.set(name, error);
    this.#note();
  }

  /** What an earlier process has told holds until all locks are known. */
  #isTooEarly(attempt: number): boolean {
    const { helmReleases, readiness } = this.#parts;
    const isLoading = !helmReleases.areListed || (readiness.isLoading && attempt < MOST_LOADING);
    this.#hasBegun ||= !isLoading;
    return !this.#hasBegun;
  }

  async #compare(): Promise<void> {
    const { storage, store, queue, config } = this.#parts;
    const isAsked = [...store.locks()].some(asksForAdmission);
    await this.#list(isAsked);
    if (!isAsked && this.#stored.size === 0) {
      this.#asked = NOTHING_ASKED;
      return;
    }
    const user = (this.#user ??= await storage.whoAmI());
    const before = this.#asked;
    this.#asked = releaseLocksOf(store.locks(), { ...config, user });
    this.#askForWrites(before);
    if (isAsked && !this.#isBrought) queue.add(toBringAdmission());
  }

  /** What was refused before, and has not changed, backs off. */
  #askForWrites(before: ReleaseLocks): void {
    const { wanted } = this.#asked;
    for (const key of new Set([...this.#stored.keys(), ...wanted.keys()])) {
      if (this.#isAsWanted(key)) continue;
      const isNews = !isDeepStrictEqual(before.wanted.get(key)?.spec, wanted.get(key)?.spec);
      this.#parts.queue[isNews ? "addNow" : "add"](toWriteReleaseLock(key));
    }
  }

  /** Looks what is stored, where nobody knows. Where nobody asks for admission, there need be no right to it. */
  async #list(isAsked: boolean): Promise<void> {
    if (!this.#isStale) return;
    try {
      const all = await this.#parts.storage.all();
      this.#stored = new Map(
        all.map(object => [presenceKey(object.metadata.namespace, object.metadata.name), object]),
      );
      this.#isStale = false;
    } catch (error) {
      if (isAsked || !isRefusal(error)) throw error;
    }
  }

  async #bring(): Promise<void> {
    if (this.#isBrought) return;
    await this.#parts.storage.bring();
    this.#isBrought = true;
  }

  #isAsWanted(key: string): boolean {
    return isDeepStrictEqual(this.#asked.wanted.get(key)?.spec, this.#stored.get(key)?.spec);
  }

  /** Writes one ReleaseLock. */
  async #follow(key: string): Promise<void> {
    const { storage } = this.#parts;
    await this.#list(true);
    if (this.#isAsWanted(key)) return;
    const wanted = this.#asked.wanted.get(key);
    const stored = this.#stored.get(key);
    // Without an answer, nobody knows what is there.
    this.#isStale = true;
    if (wanted) this.#stored.set(key, await storage.write(wanted));
    else if (stored) {
      await storage.delete(stored);
      this.#stored.delete(key);
    }
    this.#isStale = false;
  }

  #note(): void {
    const { store, reporter } = this.#parts;
    const wasIdle = this.#isIdle;
    this.#isIdle =
      this.#asked.wanted.size + this.#asked.leftOut.size + this.#stored.size + this.#failures.size === 0;
    if (wasIdle && this.#isIdle) return;
    const inForce = actionsIn(this.#stored.values());
    for (const lock of store.locks()) {
      const now = this.#stateOf(lock, inForce.get(releaseKey(lock.release)));
      if (isDeepStrictEqual(lock.admission, now)) continue;
      store.admit(lock, now);
      reporter.statusOf(lock);
    }
  }

  #stateOf(lock: Lock, inForce: AdmissionState["inForce"]): AdmissionState {
    if (asksForAdmission(lock)) return { inForce, problem: this.#problemOf(lock) };
    return inForce ? { inForce, problem: undefined } : NOTHING_ADMITTED;
  }

  #problemOf(lock: Lock): AdmissionProblem | undefined {
    const { wanted, leftOut } = this.#asked;
    if (leftOut.has(lock)) return { is: "too large" };
    for (const [name, error] of this.#failures) {
      const isOfAll = name === toAdmit().name || name === toBringAdmission().name;
      if (isOfAll || holds(wanted.get(name)?.spec, lock)) return problemOf(name, error);
    }
    return undefined;
  }
}

function holds(spec: unknown, { release }: Lock): boolean {
  return isObject(spec) && isObject(spec.releases) && Object.hasOwn(spec.releases, releaseKey(release));
}

/** What the API server does, by release. */
function actionsIn(stored: Iterable<KubeObject>): Map<string, "Warn" | "Deny"> {
  const actions = new Map<string, "Warn" | "Deny">();
  for (const { metadata, spec } of stored) {
    const action = metadata.name.startsWith("deny-") ? "Deny" : "Warn";
    const releases = isObject(spec) && isObject(spec.releases) ? Object.keys(spec.releases) : [];
    for (const release of releases) if (actions.get(release) !== "Deny") actions.set(release, action);
  }
  return actions;
}

function problemOf(name: string, error: unknown): AdmissionProblem {
  const isUnsupported = name === toBringAdmission().name && error instanceof NotFoundError;
  return isUnsupported ? { is: "unsupported" } : { is: "failed", error };
}
