import { isDeepStrictEqual } from "node:util";
import { collection } from "../../../hack/lib/objects";
import { payloadOf, recordSecret } from "../../../hack/locker/release-record";
import { NAMESPACE } from "../room";
import type { Case } from "./case";
import { Changes } from "./changes";
import { Dice } from "./dice";
import {
  areNested,
  differences,
  isMap,
  jsonObject,
  pointerOf,
  sorted,
  valueAt,
  type Json,
  type JsonObject,
  type Place,
} from "./json";
import { areSame, expectedOf, isAsExpected, isFreed, withoutAllocated } from "./oracle";
import { unlessRefused, type Stage } from "./stage";
import { Values } from "./values";

const HELM = "fieldManager=helm";

/** What somebody has written that has to stay. */
export interface Written {
  /** The object with it. */
  readonly now: JsonObject;
  readonly place: Place;
  /** Whether it stays because of who has written it. */
  readonly isByOwner: boolean;
}

/** One generated object on a stage, and what has to be in it. */
export class Specimen {
  readonly name: string;
  #manifest: JsonObject = {};
  #original: JsonObject = {};
  /** What a fresh create makes of the manifest. */
  #expected: JsonObject = {};
  /** What others have written that has to stay, by JSON pointers. */
  readonly #others = new Map<string, { readonly place: Place; readonly value: Json | undefined }>();
  /** Whether the server may have allocated something else since the object was made. */
  #isFreed = false;
  /** Whether some of that stays only as long as managedFields tell whose it is. */
  #isOwned = false;

  constructor(
    readonly stage: Stage,
    readonly is: Case,
  ) {
    this.name = stage.name(is.subject);
  }

  /** What Helm has applied. */
  get manifest(): JsonObject {
    return this.#manifest;
  }

  get expected(): JsonObject {
    return this.#expected;
  }

  get objectName(): string {
    return `${this.name}${this.is.subject.suffix ?? ""}`;
  }

  /** @param version of the API; the subject's own by default */
  path(version?: string): string {
    return `${this.stage.collection(this.is.subject, version)}/${this.objectName}`;
  }

  async read(version?: string): Promise<JsonObject> {
    return jsonObject.parse(await this.stage.room.api.send("GET", this.path(version)));
  }

  /** Installs the object as Helm does, with a record of its release. */
  async install(): Promise<void> {
    const { stage, is, name } = this;
    const { api } = stage.room;
    const plain = await this.#installed(await this.#grown());
    this.#manifest = this.#withMarks(plain);
    if (is.way === "without managedFields")
      await api.edit(this.path(), { metadata: { managedFields: [{}] } });
    this.#original = await this.read();
    this.#expected = expectedOf(this.#original, this.#manifest);
    const payload = payloadOf(name, 1, `---\n${JSON.stringify(plain)}\n`);
    const secret = recordSecret({ release: name, revision: "1", status: "deployed" }, payload);
    await api.create(collection("v1", "secrets", NAMESPACE), secret);
  }

  /** Random changes of it. @param marks labels and annotations that are changed, too */
  changes(dice: number, version = this.is.subject.apiVersion, marks: readonly Place[] = []): Changes {
    const { schemas } = this.stage;
    const { kind, focus } = this.is.subject;
    return new Changes(new Values(schemas, new Dice(dice)), schemas.of(version, kind), marks, focus);
  }

  isRight(now: JsonObject): boolean {
    if (this.#lostOf(now).length > 0) return false;
    if (!this.#isFreed) return isAsExpected(now, this.#expected, this.#manifest);
    const all = [expectedOf(now, this.#manifest), this.#expected].map(withoutAllocated);
    return isDeepStrictEqual(all[0], all[1]);
  }

  /** Takes note of a change that has made the server free what it had allocated for a Service. */
  noteFreed(reply: JsonObject): void {
    this.#isFreed ||= reply.kind === "Service" && isFreed(this.#expected, expectedOf(reply, this.#manifest));
  }

  /** Takes note of what somebody has added to, or taken back from, a list that others extend: only what the others themselves want stays. */
  noteShared(reply: JsonObject): void {
    if (this.#manifest.kind !== "ServiceAccount") return;
    for (const [pointer, { place }] of this.#others)
      this.#others.set(pointer, { place, value: valueAt(reply, place) });
  }

  /** Whether one state shows nothing of what another one has, as far as anybody cares. */
  isLike(one: JsonObject, other: JsonObject): boolean {
    return isAsExpected(one, expectedOf(other, this.#manifest), this.#manifest);
  }

  /** Where it is not as expected: JSON pointers. */
  astray(now: JsonObject): string[] {
    const places = differences(this.#expected, expectedOf(now, this.#manifest)).map(pointerOf);
    return [...new Set([...places, ...this.#lostOf(now)])];
  }

  /** What others have written that is not there any more, by JSON pointers. */
  #lostOf(now: JsonObject): string[] {
    const others = [...this.#others];
    return others
      .filter(([, { place, value }]) => !areSame(this.#manifest, valueAt(now, place), value))
      .map(([pointer]) => pointer);
  }

  /** What others have written at a place has to stay from now on. @param now the object with it */
  keep({ now, place, isByOwner }: Written): void {
    this.#isOwned ||= isByOwner;
    // Others may write into what others have written.
    const places = [place, ...[...this.#others.values()].map(other => other.place)];
    for (const at of places.filter(other => areNested(other, place)))
      this.#others.set(pointerOf(at), { place: at, value: valueAt(now, at) });
    this.#original = now;
    this.#expected = expectedOf(now, this.#manifest);
  }

  /** Whether nobody can tell any more what is others': the server drops the managedFields of what it can't describe by them. */
  isLost(reply: JsonObject): boolean {
    const { managedFields } = isMap(reply.metadata) ? reply.metadata : {};
    return this.#isOwned && !Array.isArray(managedFields);
  }

  /** Whether a place is about what others have written. */
  isOthers(place: Place): boolean {
    return [...this.#others.values()].some(other => areNested(canonical(place), canonical(other.place)));
  }

  /** What others have written, as JSON pointers. */
  get others(): string[] {
    return [...this.#others.keys()];
  }

  /** Whether somebody who knows what the object was could put it back. */
  async canBeUndone(): Promise<boolean> {
    const live = await this.read();
    const marks = this.#withMarks({ ...this.#original, metadata: live.metadata ?? null });
    const request = this.stage.room.api.send("PUT", `${this.path()}?dryRun=All`, marks);
    const reply = await unlessRefused(request);
    return reply !== undefined && this.isRight(jsonObject.parse(reply));
  }

  /** Creates it; the least of it, where the server refuses what it took in a dry run, as nodePorts beyond the range. @returns its manifest */
  async #installed(plain: JsonObject): Promise<JsonObject> {
    if (await unlessRefused(this.#create(this.#withMarks(plain)))) return plain;
    const least = await this.#grown([]);
    await this.#create(this.#withMarks(least));
    return least;
  }

  /** The least manifest of the kind, with what the server takes of the growth. */
  async #grown(growth = this.is.growth): Promise<JsonObject> {
    const { subject } = this.is;
    const { apiVersion, kind, isNamespaced, annotations = {} } = subject;
    const metadata: JsonObject = {
      name: this.objectName,
      labels: { app: this.name },
      annotations: { note: "kept", ...annotations },
    };
    if (isNamespaced) metadata.namespace = NAMESPACE;
    let manifest: JsonObject = { apiVersion, kind, metadata, ...subject.fields(this.name) };
    for (const dice of growth) {
      const grown = this.changes(dice).of(manifest, "add")?.changed;
      const isTaken = grown && (await unlessRefused(this.#create(this.#withMarks(grown), "&dryRun=All")));
      if (isTaken) manifest = grown;
    }
    return manifest;
  }

  async #create(object: JsonObject, query = ""): Promise<JsonObject> {
    const { api } = this.stage.room;
    const body = jsonObject.parse(sorted(object));
    if (this.is.way !== "helm4") {
      const path = `${this.stage.collection(this.is.subject)}?${HELM}${query}`;
      return jsonObject.parse(await api.send("POST", path, body));
    }
    const path = `${this.path()}?${HELM}&force=true${query}`;
    return jsonObject.parse(await api.send("PATCH", path, body, "application/apply-patch+yaml"));
  }

  /** What Helm adds to whatever it applies. */
  #withMarks(manifest: JsonObject): JsonObject {
    const { metadata } = manifest;
    const { labels, annotations, ...rest } = isMap(metadata) ? metadata : {};
    return {
      ...manifest,
      metadata: {
        ...rest,
        labels: { ...(isMap(labels) ? labels : {}), "app.kubernetes.io/managed-by": "Helm" },
        annotations: {
          ...(isMap(annotations) ? annotations : {}),
          "meta.helm.sh/release-name": this.name,
          "meta.helm.sh/release-namespace": NAMESPACE,
        },
      },
    };
  }
}

/** Fields that the server writes into others of the same meaning. */
const ALIASES: Readonly<Record<string, string>> = {
  stringData: "data",
  serviceAccount: "serviceAccountName",
};

function canonical(place: Place): Place {
  return place.map(step => ALIASES[step] ?? step);
}
