import type { AuditEvent } from "../../../hack/clusters/control-plane/audit";
import { Refused, USER_AGENT } from "../../../hack/lib/api";
import { collection } from "../../../hack/lib/objects";
import { Watch } from "../../../hack/lib/watch";
import { REGISTRATION_NAMESPACE } from "../../../hack/locker/helm-release";
import { NAMESPACE, Room } from "../room";
import { defineKinds, generatedKinds } from "./generated-kinds";
import { Schemas } from "./schema";
import type { Subject } from "./subject";
import { builtIn } from "./subjects";

const HELM_RELEASES = collection("helm.cattle.io/v1alpha1", "helmreleases", REGISTRATION_NAMESPACE);

/** A room with everything that cases need: the schemas of all kinds, and one watch for each collection. */
export class Stage {
  static #names = 0;
  /** Collections of which no object takes a status. */
  readonly statusless = new Set<string>();
  readonly #watches = new Map<string, Promise<Watch>>();

  private constructor(
    readonly room: Room,
    readonly schemas: Schemas,
    /** Every kind that cases are about: those that are built in, and some of custom resources, which have more shapes. */
    readonly subjects: { readonly builtIn: readonly Subject[]; readonly generated: readonly Subject[] },
  ) {}

  /** Opens a room for it. @param seed of the schemas of custom resources */
  static async open(seed: number): Promise<Stage> {
    const room = await Room.open();
    try {
      return await Stage.#in(room, seed);
    } catch (error) {
      await room.close();
      throw error;
    }
  }

  static async #in(room: Room, seed: number): Promise<Stage> {
    const generated = generatedKinds(seed);
    await defineKinds(room, generated);
    const versions = builtIn.flatMap(({ apiVersion, older = apiVersion }) => [apiVersion, older]);
    const schemas = await Schemas.of(room.api, versions);
    for (const { subject, schema } of generated)
      for (const version of [subject.apiVersion, subject.older ?? subject.apiVersion])
        schemas.define(version, subject.kind, schema);
    return new Stage(room, schemas, { builtIn, generated: generated.map(({ subject }) => subject) });
  }

  /** A name that was never given out before. */
  name({ kind }: Subject): string {
    return `${kind.toLowerCase().slice(0, 20)}-${++Stage.#names}`;
  }

  collection({ apiVersion, plural, isNamespaced }: Subject, version = apiVersion): string {
    return collection(version, plural, isNamespaced ? NAMESPACE : undefined);
  }

  /** The watch of a kind's objects. */
  watch(subject: Subject): Promise<Watch> {
    return this.#watch(this.collection(subject));
  }

  /** The watch of all HelmReleases. */
  helmReleases(): Promise<Watch> {
    return this.#watch(HELM_RELEASES);
  }

  async close(): Promise<void> {
    for (const watch of this.#watches.values()) (await watch).close();
  }

  /** Ends everything that runs here. @throws AssertionError if the audit log shows a breach of Helm's precedence */
  async end(): Promise<void> {
    await this.close();
    await this.room.close(asHelm);
  }

  #watch(path: string): Promise<Watch> {
    const known = this.#watches.get(path);
    const watch = known ?? Watch.open(this.room.api, path);
    this.#watches.set(path, watch);
    return watch;
  }
}

/** What installs objects in the name of Helm is Helm here. */
function asHelm(event: AuditEvent): AuditEvent {
  const isInstall = event.userAgent === USER_AGENT && /[?&]fieldManager=helm(&|$)/.test(event.requestURI);
  return isInstall ? { ...event, userAgent: "Helm/4" } : event;
}

/** What a request gives; undefined where the server refuses it. */
export async function unlessRefused<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}
