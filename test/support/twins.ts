import assert from "node:assert/strict";
import { z } from "zod";
import { kubeObject, type Body, type KubeObject } from "../../hack/lib/objects";
import { isUnlocked, lock, untilStatus } from "../../hack/locker/helm-release";
import { writeChart } from "./chart";
import { driftAndRevert, driftChart, driftCollections, type Version } from "./drifts";
import { fieldsOf, ownersOf, type Owner } from "./owners";
import type { Room } from "./room";

const RELEASE = "web";
const RELEASE_NAMESPACE = "meta.helm.sh/release-namespace";

const list = z.object({ items: z.array(kubeObject) });

/** How to run Helm: which version, with which environment. */
export interface Helm {
  version: "helm" | "helm4";
  env?: NodeJS.ProcessEnv;
}

/** Two releases of one chart that go through the same Helm operations. One of them is locked, and constantly changed by hand. */
export class Twins {
  #revision = 0;

  constructor(
    readonly room: Room,
    /** Namespace of the locked release; the other's namespace has "-twin" appended. */
    readonly namespace: string,
  ) {}

  /** Installs both, and locks the first. */
  async install(helm: Helm, version: Version, flags: string[]): Promise<void> {
    await this.upgrade(helm, version, ["--install", "--create-namespace", ...flags]);
    await lock(this.room, this.namespace, { release: RELEASE, namespace: this.namespace });
  }

  async upgrade(helm: Helm, version: Version, flags: string[] = []): Promise<void> {
    const chart = await writeChart(this.room.controlPlane.directory, RELEASE, driftChart(version));
    await this.#run(helm, "upgrade", RELEASE, chart, ...flags);
    await this.#settled(this.#revision + 1);
  }

  async rollback(helm: Helm, revision: number): Promise<void> {
    await this.#run(helm, "rollback", RELEASE, `${revision}`);
    await this.#settled(this.#revision + 1);
  }

  async test(helm: Helm): Promise<void> {
    await this.#run(helm, "test", RELEASE);
  }

  async uninstall(helm: Helm): Promise<void> {
    await this.#run(helm, "uninstall", RELEASE);
    await isUnlocked(this.room, this.namespace, "SecretNotFound");
  }

  /** Changes every object of the locked release by hand, and waits until everything is reverted. */
  async drift(version: Version): Promise<void> {
    await driftAndRevert(this.room, this.namespace, version);
  }

  /** Compares the objects of both releases: they must be the same, including managedFields. */
  async areEqual(): Promise<void> {
    const [locked, untouched] = await Promise.all(
      [this.namespace, this.#twin].map(namespace => this.#objects(namespace)),
    );
    assert.deepEqual(locked?.map(nameOf), untouched?.map(nameOf));
    for (const [index, object] of locked?.entries() ?? []) {
      const twin = untouched?.[index];
      assert.ok(twin);
      assert.deepEqual(comparable(object), comparable(twin));
      areOwnersEqual(object, twin);
    }
  }

  get #twin(): string {
    return `${this.namespace}-twin`;
  }

  async #run({ version, env = {} }: Helm, ...args: string[]): Promise<void> {
    const namespaces = [this.namespace, this.#twin];
    await Promise.all(
      namespaces.map(namespace =>
        this.room.controlPlane[version]([`--namespace=${namespace}`, ...args], { env }),
      ),
    );
  }

  /** Waits until the locker has seen what Helm did, which it can only once it has been asked to lock. */
  async #settled(revision: number): Promise<void> {
    this.#revision = revision;
    if (revision === 1) return;
    await untilStatus(
      this.room,
      this.namespace,
      ({ version, state }) => version === revision && state === "Deployed",
    );
  }

  /** The objects that are not release records. */
  async #objects(namespace: string): Promise<KubeObject[]> {
    const lists = await Promise.all(driftCollections(namespace).map(path => this.room.api.send("GET", path)));
    const objects = lists.flatMap(reply => list.parse(reply).items);
    return objects.filter(({ metadata: { labels } }) => labels?.owner !== "helm");
  }
}

function nameOf({ metadata }: KubeObject): string {
  return metadata.name;
}

/** An object without the parts that differ between any two objects, and without its writers. */
function comparable({ metadata, ...rest }: KubeObject): Body {
  const { name, labels, annotations, finalizers, ownerReferences } = metadata;
  const own = { ...annotations, [RELEASE_NAMESPACE]: "" };
  return { ...rest, metadata: { name, labels, annotations: own, finalizers, ownerReferences } };
}

/**
 * If Helm writes client-side, a revert gives Helm an apply entry, and Helm's other entry may then lack the fields in
 * it. Together, both entries contain the fields of the twin's single entry, except defaults of the API server: a client
 * that creates an object also owns these, an apply does not.
 */
function areOwnersEqual(object: KubeObject, twin: KubeObject): void {
  const [actual, expected] = [ownersOf(object), ownersOf(twin)];
  if (!expected.some(isClientSide)) {
    assert.deepEqual(actual, expected, nameOf(object));
    return;
  }
  assert.deepEqual(actual.filter(isForeign), expected.filter(isForeign), nameOf(object));
  assert.ok(actual.filter(owner => !isForeign(owner)).length <= 2, nameOf(object));
  const held = [...fieldsOf(actual)];
  const due = [...fieldsOf(expected)];
  const beyond = held.filter(path => !due.some(other => `${other} `.startsWith(`${path} `)));
  const lacking = due.filter(path => !held.includes(path) && !isDefault(path));
  assert.deepEqual({ beyond, lacking }, { beyond: [], lacking: [] }, nameOf(object));
}

function isForeign({ manager }: Owner): boolean {
  return manager !== "helm";
}

function isClientSide(owner: Owner): boolean {
  return !isForeign(owner) && owner.operation === "Update";
}

/** Fields that the API server fills in, for the kinds in a {@link driftChart}. */
const DEFAULTS = new Set([
  "dnsPolicy",
  "imagePullPolicy",
  "internalTrafficPolicy",
  "maxSurge",
  "maxUnavailable",
  "progressDeadlineSeconds",
  "protocol",
  "resources",
  "restartPolicy",
  "revisionHistoryLimit",
  "schedulerName",
  "securityContext",
  "sessionAffinity",
  "terminationGracePeriodSeconds",
  "terminationMessagePath",
  "terminationMessagePolicy",
  "type",
]);

function isDefault(path: string): boolean {
  return DEFAULTS.has(path.slice(path.lastIndexOf(" f:") + " f:".length));
}
