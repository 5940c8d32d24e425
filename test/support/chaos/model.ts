import { isDeepStrictEqual } from "node:util";
import { collection, content, type Body, type KubeObject } from "../../../hack/lib/objects";
import { subjects, type HandChange, type Subject } from "./chart";
import { REVERT } from "../in-time";
import { Ignored } from "./ignored";
import type { Release } from "./operations";
import type { Desired, Objects } from "./desired";
import { deviation } from "./oracle";
import { PLAIN, type Terms } from "./terms";

/** How many revisions Helm certainly keeps; its limit is 10. */
const HISTORY = 8;

/** What is known of one release in a run, and what must hold for its objects. */
export class Model {
  state: "absent" | "deployed" | "failed" = "absent";
  /** What a HelmRelease asks for that people have made. */
  #hand: Terms | undefined;
  /** What a policy asks for. */
  #rule: Terms | undefined;
  /** Objects that the locker has seen live under a lock that a policy has made: these it may create. */
  readonly #known = new Set<string>();
  /** Whether a policy has just made its lock, or has changed it. */
  isNew = false;
  /** How soon a change of its objects is reverted at the latest, in milliseconds. */
  bound = REVERT;
  /** Whether writes of the locker hang. */
  isHung = false;
  /** Whether somebody has made a change that helm stumbles over, and that was not yet seen to be reverted. */
  isUpset = false;
  /** The newest revision; 0 if there is none. */
  revision = 0;
  /** The revision that the locker has certainly seen. */
  #seen = 0;
  /** The revisions that were deployed, in order. */
  deployed: number[] = [];
  /** What the newest deployed revision's manifest says. */
  desired: Objects<Desired> = new Map();
  /**
   * What somebody other than the locker last made of the objects; undefined while the locker may not know yet that it
   * has to leave them alone.
   */
  standing: Map<string, Body> | undefined = new Map();
  /** What others last made of ignored fields; undefined while nothing is ignored. */
  ignored: Ignored | undefined;

  constructor(
    readonly release: Release,
    readonly namespace: string,
  ) {}

  /** Whether a HelmRelease names it that people have made. */
  get isByHand(): boolean {
    return this.#hand !== undefined;
  }

  /** Whether a policy locks it: nobody has by hand. */
  get isRuled(): boolean {
    return !this.isByHand && this.isRuledOtherwise;
  }

  /** Whether a policy would lock it if nobody had by hand. */
  get isRuledOtherwise(): boolean {
    return this.#rule !== undefined && this.state !== "absent";
  }

  get isLocked(): boolean {
    return this.isByHand || this.isRuled;
  }

  /** What its HelmRelease asks for. */
  get terms(): Terms {
    return this.#hand ?? this.#rule ?? PLAIN;
  }

  /** The name of the HelmRelease that people make. */
  get handmade(): string {
    return `${this.namespace}-${this.release.name}`;
  }

  /** The name of the HelmRelease that a policy makes. */
  get made(): string {
    return `${this.namespace}.${this.release.name}`;
  }

  /** The name of the one that holds it. */
  get helmRelease(): string {
    return this.isRuled ? this.made : this.handmade;
  }

  /** Whether the locker has to keep the release as its manifest says. */
  get isHeld(): boolean {
    return this.isLocked && this.state === "deployed" && this.mode === "enabled";
  }

  /** Whether a change is reverted at once: not in a suspension that ends, which may be over or not. */
  get isWatched(): boolean {
    return this.isHeld && this.terms.suspends === "no" && !this.isHung && !this.isNew;
  }

  /** What the locker does about drift, once a suspension for a while is over. */
  get mode(): Terms["mode"] | "suspended" {
    return this.terms.suspends === "until resumed" ? "suspended" : this.terms.mode;
  }

  get isLarge(): boolean {
    return subjects.some(subject => subject.name === "page" && this.desired.has(this.path(subject)));
  }

  path({ apiVersion, plural, name }: Pick<Subject, "apiVersion" | "plural" | "name">): string {
    return `${collection(apiVersion, plural, this.namespace)}/${this.release.name}-${name}`;
  }

  get paths(): string[] {
    return subjects.map(subject => this.path(subject));
  }

  /** The revision to roll back to; undefined if there is none. */
  target(by: number): number | undefined {
    const target = this.deployed.at(-1 - by);
    return target !== undefined && target > this.revision - HISTORY ? target : undefined;
  }

  /** Whether a change may be present when helm runs; helm 4 stumbles over every field that somebody else has written. */
  isSafe({ patch, upsetsHelm }: HandChange): boolean {
    return upsetsHelm !== true && (this.release.helm !== "helm4" || patch === undefined);
  }

  /** Whether helm may have changed objects that the locker has not seen since. */
  get hasMoved(): boolean {
    return this.revision !== this.#seen;
  }

  /** Whether the locker puts right whatever is done to an object: it may have to create it, or to take it over. */
  mayRestore(path: string): boolean {
    return !this.isRuled || this.#known.has(path);
  }

  succeeded(): void {
    if (this.state === "absent") this.#anew();
    this.state = "deployed";
    this.deployed.push(++this.revision);
  }

  failed(): void {
    this.state = "failed";
    this.revision++;
  }

  uninstalled(): void {
    this.state = "absent";
    this.revision = 0;
    this.deployed = [];
  }

  locked(): void {
    this.#changes(() => (this.#hand = PLAIN));
  }

  unlocked(): void {
    this.#changes(() => (this.#hand = undefined));
    this.standing = undefined;
    this.#anew();
  }

  asked(wish: Partial<Terms>): void {
    this.#changes(() => (this.#hand = { ...this.terms, ...wish }));
  }

  /** A policy asks for something now, or for nothing any more. */
  ruled(terms: Terms | undefined): void {
    const wasRuled: boolean = this.isRuled;
    this.#changes(() => (this.#rule = terms));
    if (!wasRuled) this.#anew();
    this.isNew = this.isRuled;
  }

  #changes(change: () => void): void {
    const [wasHeld, ignored]: boolean[] = [this.isHeld, this.terms.ignores];
    change();
    if (wasHeld && !this.isHeld) this.standing = undefined;
    if (this.terms.ignores !== ignored) this.ignored = this.terms.ignores ? new Ignored() : undefined;
  }

  /** Its lock is another one. */
  #anew(): void {
    this.#known.clear();
    this.isNew = this.isRuled;
  }

  /** Notes what somebody has made of an object. */
  touched(path: string, object: KubeObject | undefined): void {
    if (object) this.standing?.set(path, content(object));
    else this.standing?.delete(path);
    this.ignored?.note(path, object);
  }

  /** Whether it is not known what the locker has to leave alone. */
  get isUncertain(): boolean {
    return this.standing === undefined || this.ignored?.isUncertain === true;
  }

  /** Notes that writes hang. @param bound how soon after their end changes are reverted, in milliseconds */
  hangs(bound: number): void {
    this.isHung = true;
    this.mayTake(bound);
  }

  /** Notes something that reverts may have to wait for until everything is at rest. @param bound in milliseconds */
  mayTake(bound: number): void {
    this.bound = Math.max(this.bound, bound);
  }

  /** Notes the state that helm has left. Objects that its manifests no longer contain must disappear, even if they exist for a moment. */
  helmLeft(desired: Objects<Desired>, live: Objects<KubeObject>): void {
    const dropped = [...this.desired.keys()].filter(path => !desired.has(path));
    this.desired = desired;
    for (const path of dropped) this.#known.delete(path);
    this.ignored?.noteAll(live);
    if (!this.standing) return;
    this.#stands(live);
    for (const path of dropped) this.standing.delete(path);
  }

  /** Notes that the locker has come to rest: from now on it has to leave alone what it has left alone so far. */
  cameToRest(live: Objects<KubeObject>): void {
    // What is ignored stays, and with it what helm 4 stumbles over.
    this.isUpset &&= this.ignored !== undefined && this.release.helm === "helm4";
    this.isHung = false;
    this.#seen = this.revision;
    this.bound = REVERT;
    if (this.#hand?.suspends === "for a while") this.#hand = { ...this.#hand, suspends: "no" };
    this.#saw(live);
    if (this.ignored) this.ignored.isUncertain = false;
    this.ignored?.noteAll(live);
    this.#stands(live);
  }

  /** Notes what the locker has seen, if a policy has made the lock. */
  #saw(live: Objects<KubeObject>): void {
    this.isNew = false;
    if (!this.isRuled || this.state !== "deployed" || this.mode === "disabled") return;
    for (const path of this.desired.keys()) if (live.has(path)) this.#known.add(path);
  }

  #stands(live: Objects<KubeObject>): void {
    const own = this.paths.flatMap(path => {
      const object = live.get(path);
      return object ? [[path, content(object)] as const] : [];
    });
    this.standing = new Map(own);
  }

  /** How an object violates its requirements, in words; undefined if it does not. */
  complaint(path: string, live: KubeObject | undefined): string | undefined {
    const desired = this.desired.get(path);
    if (this.isHeld && desired) return this.#deviation(path, desired, live);
    if (!this.standing) return undefined;
    const [now, before] = [live && content(live), this.standing.get(path)];
    if (isDeepStrictEqual(now, before)) return undefined;
    return `is ${inWords(now)}, and was left as ${inWords(before)}`;
  }

  /** How many objects are not as the manifest says, what is ignored aside. */
  drifted(live: Objects<KubeObject>): number {
    const deviations = [...this.desired].map(([path, desired]) =>
      this.#deviation(path, desired, live.get(path)),
    );
    return deviations.filter(deviation => deviation !== undefined).length;
  }

  #deviation(path: string, desired: Desired, live: KubeObject | undefined): string | undefined {
    return deviation(live, this.ignored?.wanted(path, desired, live) ?? desired);
  }
}

function inWords(object: Body | undefined): string {
  return object ? JSON.stringify(object) : "missing";
}
