import { collection } from "../../../hack/lib/objects";
import {
  helmRelease,
  helmReleasePath,
  register,
  statusOf,
  type Status,
} from "../../../hack/locker/helm-release";
import { payloadOf, recordSecret } from "../../../hack/locker/release-record";
import { NAMESPACE } from "../room";
import type { Case, Move } from "./case";
import { Changes } from "./changes";
import { addAsController } from "./controller";
import { Dice } from "./dice";
import { differences, isMap, jsonObject, pointerOf, valueAt, type JsonObject, type Place } from "./json";
import { expectedOf, isAsExpected } from "./oracle";
import { unlessRefused, type Stage } from "./stage";
import { Values } from "./values";
import { send, writers, type Write } from "./writers";

/** What became of a change. */
export type Outcome = "reverted" | "told" | "refused" | "no change";

/** What is wrong, with everything to do it again. */
export class DriftError extends Error {
  override readonly name = "DriftError";
}

/** How many changes are tried until the server takes one. */
const ATTEMPTS = 4;

const HELM = "fieldManager=helm";

/** One case on a stage: the object, its release and its lock. */
export class Trial {
  readonly name: string;
  /** What a fresh create makes of the manifest. */
  #expected: JsonObject = {};
  #manifest: JsonObject = {};
  #original: JsonObject = {};
  /** Where a controller has added something. */
  #controlled: Place | undefined;
  readonly outcomes: { readonly move: Move; readonly outcome: Outcome }[] = [];

  constructor(
    readonly stage: Stage,
    readonly is: Case,
  ) {
    this.name = stage.name(is.subject);
  }

  /** Installs the object as Helm does, with a record of its release. */
  async install(): Promise<void> {
    const { stage, is, name } = this;
    const { api } = stage.room;
    const plain = await this.#grown();
    this.#manifest = this.#withMarks(plain);
    await this.#create(this.#manifest);
    if (is.way === "without managedFields") await api.edit(this.path, { metadata: { managedFields: [{}] } });
    const live = await this.#read();
    this.#original = live;
    this.#expected = expectedOf(live, this.#manifest);
    const payload = payloadOf(name, 1, `---\n${JSON.stringify(plain)}\n`);
    const secret = recordSecret({ release: name, revision: "1", status: "deployed" }, payload);
    await api.create(collection("v1", "secrets", NAMESPACE), secret);
  }

  /** Locks it. @throws DriftError where that writes to it, or finds a problem */
  async lock(): Promise<void> {
    const { room } = this.stage;
    await register(room, helmRelease(this.name));
    await this.#isReady("the lock");
  }

  /** @param written what the locker has written to so far @throws DriftError if the object is among that */
  async isUnwritten(written: ReadonlySet<string>): Promise<void> {
    if (written.has(this.path)) throw await this.#failed("the lock has written to a right object");
  }

  /** Makes the changes one after the other, each after the last one is undone. @throws DriftError */
  async play(): Promise<void> {
    await this.#control();
    for (const move of this.is.moves) if ((await this.#makeOne(move)) === "told") return;
    await this.#isReady("all changes");
  }

  /** Checks that the object is still as it was. @throws DriftError */
  async isStillRight(): Promise<void> {
    if (this.outcomes.at(-1)?.outcome === "told") return;
    const live = await this.#read();
    if (!isAsExpected(live, this.#expected, this.#manifest))
      throw await this.#failed("the object does not stay as it was");
  }

  get path(): string {
    return this.#path();
  }

  #path(version?: string): string {
    const { subject } = this.is;
    return `${this.stage.collection(subject, version)}/${this.#objectName}`;
  }

  get #objectName(): string {
    return `${this.name}${this.is.subject.suffix ?? ""}`;
  }

  async #read(version?: string): Promise<JsonObject> {
    return jsonObject.parse(await this.stage.room.api.send("GET", this.#path(version)));
  }

  /** The least manifest of the kind, with what the server takes of the growth. */
  async #grown(): Promise<JsonObject> {
    const { subject, growth } = this.is;
    const { apiVersion, kind, isNamespaced } = subject;
    const name = this.#objectName;
    const metadata: JsonObject = { name, labels: { app: this.name }, annotations: { note: "kept" } };
    if (isNamespaced) metadata.namespace = NAMESPACE;
    let manifest: JsonObject = { apiVersion, kind, metadata, ...subject.fields(this.name) };
    for (const dice of growth) {
      const grown = this.#changes(dice, apiVersion).of(manifest, "add")?.changed;
      const isTaken = grown && (await unlessRefused(this.#create(this.#withMarks(grown), "&dryRun=All")));
      if (isTaken) manifest = grown;
    }
    return manifest;
  }

  #changes(dice: number, version: string, marks: readonly Place[] = []): Changes {
    const { schemas } = this.stage;
    return new Changes(new Values(schemas, new Dice(dice)), schemas.of(version, this.is.subject.kind), marks);
  }

  async #create(body: JsonObject, query = ""): Promise<JsonObject> {
    const { api } = this.stage.room;
    if (this.is.way !== "helm4") {
      const path = `${this.stage.collection(this.is.subject)}?${HELM}${query}`;
      return jsonObject.parse(await api.send("POST", path, body));
    }
    const path = `${this.path}?${HELM}&force=true${query}`;
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

  /** A controller of the object writes its status, and adds something of its own: that stays. */
  async #control(): Promise<void> {
    const { stage, is, path } = this;
    if (is.controller === undefined) return;
    const change = this.#changes(is.controller, is.subject.apiVersion).of(await this.#read(), "add");
    // What the chart says, be it an empty list, is the chart's.
    if (!change || valueAt(this.#manifest, change.operation.place) !== undefined) return;
    const added = await addAsController(stage.room.api, path, change.operation);
    if (!added) return;
    this.#controlled = change.operation.place;
    this.#original = added;
    this.#expected = expectedOf(added, this.#manifest);
  }

  /** Makes a change: the first of a few that is one. */
  async #makeOne(move: Move): Promise<Outcome> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#make(move);
      this.outcomes.push({ move, outcome });
      if (outcome === "reverted" || outcome === "told" || attempt === ATTEMPTS) return outcome;
      move = { ...move, dice: move.dice + 1 };
    }
  }

  async #make(move: Move): Promise<Outcome> {
    const { subject } = this.is;
    const { schemas, room } = this.stage;
    const version = (move.isOlder ? subject.older : undefined) ?? subject.apiVersion;
    const live = await this.#read(version);
    const change = this.#changes(move.dice, version, MARKS).of(live, move.verb);
    const write = change && writers[move.writer]?.({ path: this.#path(version), live, change, schemas });
    if (!write || areNested(change.operation.place, this.#controlled)) return "no change";
    const reply = await unlessRefused(send(room.api, write));
    if (!reply) return "refused";
    if (isAsExpected(reply, expectedOf(live, this.#manifest), this.#manifest)) return "no change";
    return this.#isUndone({ move, write, reply });
  }

  /** Waits until the object is as it was, or until the status says that it can't be. */
  async #isUndone(done: Done): Promise<Outcome> {
    const { stage, is, name } = this;
    const watch = await stage.watch(is.subject);
    const helmReleases = await stage.helmReleases();
    const isLater = (version: string): boolean => BigInt(version) > BigInt(versionOf(done.reply));
    const undone = watch.untilObject(
      this.#objectName,
      now => now !== undefined && isLater(now.metadata.resourceVersion) && this.#isRight(now),
    );
    const told = helmReleases.untilObject(name, now => isTold(statusOf(now)));
    const first = await Promise.race([
      undone.then(() => "reverted" as const),
      told.then(() => "told" as const),
    ]).catch(() => "silent" as const);
    told.catch(() => undefined);
    if (first === "told" && !(await this.#canBeUndone())) {
      undone.catch(() => undefined);
      return "told";
    }
    try {
      await undone;
      return "reverted";
    } catch {
      throw await this.#failed("the change stands", done);
    }
  }

  #isRight(now: object): boolean {
    return isAsExpected(jsonObject.parse(now), this.#expected, this.#manifest);
  }

  /** Whether somebody who knows what the object was could put it back. */
  async #canBeUndone(): Promise<boolean> {
    const live = await this.#read();
    const body = { ...this.#original, metadata: live.metadata ?? null };
    const marks = this.#withMarks(body);
    const request = this.stage.room.api.send("PUT", `${this.path}?dryRun=All`, marks);
    const reply = await unlessRefused(request);
    return reply !== undefined && this.#isRight(jsonObject.parse(reply));
  }

  async #isReady(after: string): Promise<void> {
    const helmReleases = await this.stage.helmReleases();
    try {
      await helmReleases.untilObject(this.name, now => isFine(statusOf(now)));
    } catch {
      throw await this.#failed(`the HelmRelease is not ready after ${after}`);
    }
  }

  async #failed(what: string, done?: Done): Promise<DriftError> {
    const { is, stage, name } = this;
    const status = statusOf(await stage.room.api.get(helmReleasePath(name)));
    const live = await this.#read();
    const details = {
      "where it differs": differences(this.#expected, expectedOf(live, this.#manifest)).map(pointerOf),
      way: is.way,
      manifest: this.#manifest,
      "added by a controller": this.#controlled,
      done: this.outcomes,
      move: done?.move,
      write: done?.write,
      "the reply to the write": done?.reply,
      "what is live": live,
      "what is expected": this.#expected,
      ready: status.conditions.find(({ type }) => type === "Ready"),
      log: stage.room.locker.logs.filter(({ release }) => release === `${NAMESPACE}/${name}`),
    };
    const lines = Object.entries(details).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
    return new DriftError([`${this.path}: ${what}`, ...lines].join("\n"));
  }
}

/** A change that was made. */
interface Done {
  readonly move: Move;
  readonly write: Write;
  readonly reply: JsonObject;
}

/** Metadata that is the chart's or Helm's: it comes back, too. */
const MARKS: readonly Place[] = [
  ["metadata", "labels", "app"],
  ["metadata", "labels", "app.kubernetes.io/managed-by"],
  ["metadata", "annotations", "note"],
  ["metadata", "annotations", "meta.helm.sh/release-name"],
  ["metadata", "annotations", "helm.sh/resource-policy"],
];

/** Whether one place is inside the other. */
function areNested(one: Place, other: Place | undefined): boolean {
  return other !== undefined && one.every((step, index) => index >= other.length || step === other[index]);
}

function versionOf({ metadata }: JsonObject): string {
  const version = isMap(metadata) ? metadata.resourceVersion : undefined;
  return typeof version === "string" ? version : "";
}

function isFine({ state, conditions }: Status): boolean {
  return state === "Deployed" && conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

function isTold({ conditions }: Status): boolean {
  return conditions.some(
    ({ type, status, reason }) => type === "Ready" && status === "False" && reason === "Problems",
  );
}
