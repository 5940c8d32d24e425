import * as z from "zod";
import { isObject, type Json, type KubeObject } from "../release/object";
import type { KubeClient, KubeRequest } from "./client";
import { NetworkError, NotFoundError } from "./errors";
import { collectionPath, objectPath, refOf, type ObjectRef, type Resource } from "./resources";

/** A resourceVersion that no live object has: an apply that carries it creates, or answers 409 where the object exists. */
const NEVER_LIVE = "1";

/** How an object is written. */
export interface WriteOptions {
  /** Whether by server-side apply, or as Helm's client-side writes do, for what an apply refuses (SchemaError). @default true */
  isApply?: boolean;
  /** Field manager to write as. */
  manager: string;
  /** performance.now() after which the write must not leave any more. */
  notAfter?: number;
}

/** The very state of an object that a write is meant for. */
export interface Precondition {
  uid: string;
  resourceVersion: string;
}

const kubeObject = z.custom<KubeObject>(
  value =>
    isObject(value) &&
    typeof value.kind === "string" &&
    isObject(value.metadata) &&
    typeof value.metadata.name === "string",
);

/**
 * Reads a reply as an object.
 *
 * @throws NetworkError where it is none
 */
export function asObject(reply: unknown): KubeObject {
  const { data } = kubeObject.safeParse(reply);
  if (!data) throw new NetworkError("the API server's reply is not an object");
  return data;
}

/** Reads and writes single objects. Every method throws what KubeClient.send throws. */
export class Objects {
  readonly #client: KubeClient;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** @returns undefined where there is no such object */
  async get(resource: Resource, ref: ObjectRef): Promise<KubeObject | undefined> {
    return this.#get({ method: "GET", path: objectPath(resource, ref) });
  }

  /** Every object of a kind in a namespace. */
  async list(resource: Resource, namespace: string | undefined): Promise<KubeObject[]> {
    const list = await this.#client.send({ method: "GET", path: collectionPath(resource, namespace) });
    return itemsOf(list, resource);
  }

  /** Reads no more of an object than its metadata. */
  async getMetadata(resource: Resource, ref: ObjectRef): Promise<KubeObject | undefined> {
    return this.#get({ method: "GET", path: objectPath(resource, ref), metadataOf: "object" });
  }

  async #get(query: KubeRequest): Promise<KubeObject | undefined> {
    try {
      return asObject(await this.#client.send(query));
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  /**
   * Server-side apply to an object as it was observed.
   *
   * @throws ConflictError where the object has changed since, or is gone
   */
  async apply(
    resource: Resource,
    desired: KubeObject,
    seen: Precondition,
    options: WriteOptions,
  ): Promise<KubeObject> {
    return this.#write(resource, withMetadata(desired, { ...seen }), options);
  }

  /** What an apply would make of the object. Nothing is written. */
  async dryRun(resource: Resource, desired: KubeObject, options: WriteOptions): Promise<KubeObject> {
    return this.#write(resource, desired, options, "&dryRun=All");
  }

  /**
   * Creates an object by server-side apply: a POST would leave an Update entry of the manager in managedFields, with which Helm 4's next
   * upgrade conflicts.
   *
   * @throws ConflictError where the object exists
   */
  async create(resource: Resource, desired: KubeObject, options: WriteOptions): Promise<KubeObject> {
    if (options.isApply === false) return this.#post(resource, desired, options);
    return this.#write(resource, withMetadata(desired, { resourceVersion: NEVER_LIVE }), options);
  }

  /** Creates or overwrites an object of the locker's own. */
  async upsert(resource: Resource, object: object): Promise<void> {
    await this.#write(resource, kubeObject.parse(object), { manager: "helm-locker" });
  }

  /** JSON patch (RFC 6902). */
  async patch(
    resource: Resource,
    ref: ObjectRef,
    operations: Json[],
    options: WriteOptions,
  ): Promise<KubeObject> {
    const path = `${objectPath(resource, ref)}?fieldManager=${encodeURIComponent(options.manager)}`;
    return this.#patch({ path, body: operations, contentType: "application/json-patch+json" }, options);
  }

  /** Merge patch (RFC 7386), to the status where asked. */
  async merge(
    resource: Resource,
    ref: ObjectRef,
    body: object,
    options: { status?: boolean } = {},
  ): Promise<KubeObject> {
    const path = objectPath(resource, ref) + (options.status === true ? "/status" : "");
    return this.#patch({ path, body, contentType: "application/merge-patch+json" }, {});
  }

  /** Deletes an object in the very state given. */
  async delete(resource: Resource, ref: ObjectRef, preconditions: Precondition): Promise<void> {
    const body = { kind: "DeleteOptions", apiVersion: "v1", preconditions };
    await this.#client.send({ method: "DELETE", path: objectPath(resource, ref), body });
  }

  async #write(resource: Resource, body: KubeObject, options: WriteOptions, query = ""): Promise<KubeObject> {
    const path = `${objectPath(resource, refOf(body))}?${asManager(options)}${query}`;
    return options.isApply === false
      ? this.#patch({ path, body, contentType: "application/merge-patch+json" }, options)
      : this.#patch(
          { path: `${path}&force=true`, body, contentType: "application/apply-patch+yaml" },
          options,
        );
  }

  async #post(resource: Resource, body: KubeObject, options: WriteOptions): Promise<KubeObject> {
    const path = `${collectionPath(resource, refOf(body).namespace)}?${asManager(options)}`;
    return asObject(await this.#client.send({ method: "POST", path, body, ...punctually(options) }));
  }

  async #patch(
    patch: Omit<KubeRequest, "method">,
    options: Pick<WriteOptions, "notAfter">,
  ): Promise<KubeObject> {
    return asObject(await this.#client.send({ method: "PATCH", ...patch, ...punctually(options) }));
  }
}

function asManager({ manager }: WriteOptions): string {
  return `fieldManager=${encodeURIComponent(manager)}&fieldValidation=Warn`;
}

function punctually({ notAfter }: Pick<WriteOptions, "notAfter">): Pick<KubeRequest, "notAfter"> {
  return notAfter === undefined ? {} : { notAfter };
}

function withMetadata(object: KubeObject, extra: Record<string, string>): KubeObject {
  return { ...object, metadata: { ...object.metadata, ...extra } };
}

/** The state of an object as read: its uid and resourceVersion. */
export function stateOf(object: KubeObject): Precondition {
  const { uid, resourceVersion } = object.metadata;
  return {
    uid: typeof uid === "string" ? uid : "",
    resourceVersion: typeof resourceVersion === "string" ? resourceVersion : "",
  };
}

/** Items of a list reply, stamped with the kind that the API server leaves out of them. */
export function itemsOf(list: Json, resource: Resource): KubeObject[] {
  const items = isObject(list) && Array.isArray(list.items) ? list.items : [];
  return items
    .filter(isObject)
    .map(item => asObject({ apiVersion: resource.apiVersion, kind: resource.kind, ...item }));
}

/**
 * Whether a resourceVersion is older than another one of the same kind. Source: resourceVersions are comparable as integers (KEP-5504).
 */
export function isOlder(version: string, than: string): boolean {
  return version.length === than.length ? version < than : version.length < than.length;
}
