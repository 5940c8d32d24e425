import type { Account } from "../kube/account";
import { collectionPath, objectPath, refOf, type Kind, type ObjectRef, type Placed } from "../kube/kinds";
import type { Json, KubeObject, PatchOperation } from "../kube/object";
import type { Precondition } from "../kube/version";
import { Connection } from "./connection";
import { Credentials } from "./credentials";
import { selectorsOf, type Filters } from "./filters";
import type { KubeRequest } from "./kube-request";
import { Pages, type OnObject } from "./pages";
import { asObject } from "./replies";
import { Tally } from "./tally";
import { Watch } from "./watch";
import type { WatchHandlers, WatchSource } from "./watch-source";
import { inState, queryOf, type WriteConfig } from "./write-config";

/** How long a watch that is a pulse lasts, in seconds, and by how many milliseconds its end may be late. */
const PULSE = { life: 8, slack: 5_000 };

/** One API server, with the methods of Pepr's fluent client. */
export class Cluster {
  /** How it has answered. */
  readonly tally = new Tally();
  readonly #connection: Connection;

  /**
   * @param credentials the locker's; by default those of $KUBECONFIG, ~/.kube/config or, in a Pod, its ServiceAccount
   * @param connections how many there may be for single requests
   */
  constructor(credentials = Credentials.fromEnvironment(), connections?: number) {
    this.#connection = new Connection(credentials, connections, this.tally);
  }

  /** The requests about a kind, or about one object of it. */
  K8s(kind: Kind, { name, namespace }: Partial<ObjectRef> = {}): KindActions {
    return new KindActions(this.#connection, kind, { name, namespace, labels: [], metadataOnly: false });
  }

  /** The answer of a path to a GET, or to a POST of the body. @param as whose rights count; the locker's own if absent */
  Raw(path: string, body?: unknown, as?: Account): Promise<Json> {
    return this.#connection.send({ method: body === undefined ? "GET" : "POST", path, body, as });
  }

  /** Closes every connection. Requests under way fail. */
  close(): Promise<void> {
    return this.#connection.close();
  }
}

/**
 * Requests about one kind. Narrowing returns new actions, so callers can keep narrowed ones. Every action throws what
 * Connection.send throws: ApiError or a subclass, NetworkError, TooLateError.
 */
export class KindActions {
  readonly #connection: Connection;
  readonly kind: Kind;
  readonly #filters: Filters;

  constructor(connection: Connection, kind: Kind, filters: Filters) {
    this.#connection = connection;
    this.kind = kind;
    this.#filters = filters;
  }

  /** In one namespace; in all namespaces if undefined. */
  InNamespace(namespace: string | undefined): KindActions {
    return this.#with({ namespace });
  }

  /** With a label: with this value, or with any. */
  WithLabel(key: string, value?: string): KindActions {
    return this.#with({ labels: [...this.#filters.labels, value === undefined ? key : `${key}=${value}`] });
  }

  /** Without this value of a label. */
  WithoutLabel(key: string, value: string): KindActions {
    return this.#with({ labels: [...this.#filters.labels, `${key}!=${value}`] });
  }

  /** Only the metadata of each object. */
  MetadataOnly(): KindActions {
    return this.#with({ metadataOnly: true });
  }

  /** Reads one object; undefined if there is none of that name, or no such kind. */
  async Get(name: string): Promise<KubeObject | undefined> {
    const path = objectPath(this.kind, { name, namespace: this.#filters.namespace });
    const found = await this.#connection.find({ method: "GET", path, metadataOf: this.#part("object") });
    return found === undefined ? undefined : asObject(found);
  }

  /**
   * Passes on each object as soon as it has arrived: nobody knows how much all of them are.
   *
   * @param between awaited after each page
   * @returns the resourceVersion that the list is of
   * @throws NotFoundError if there is no such kind
   */
  Each(onObject: OnObject, between?: () => Promise<void>): Promise<string> {
    return this.#pages().readAll(onObject, between);
  }

  /** Whether one of the objects is as asked. @throws NotFoundError if there is no such kind */
  async Some(isIt: (object: KubeObject) => boolean): Promise<boolean> {
    let isThere = false;
    await this.Each(object => {
      isThere ||= isIt(object);
    });
    return isThere;
  }

  /** Finds out whether the kind can be listed. @throws NotFoundError if there is no such kind */
  async Probe(): Promise<void> {
    await this.#pages().version();
  }

  /** Server-side apply. To create by apply leaves no other entry in managedFields, as a POST would. */
  async Apply(object: Placed, config: WriteConfig): Promise<KubeObject> {
    const body = inState(object, config);
    return this.#patch("application/apply-patch+yaml", refOf(object), { ...config, body });
  }

  /** JSON merge patch (RFC 7386). */
  async Merge(object: Placed, config: WriteConfig): Promise<KubeObject> {
    const body = inState(object, config);
    return this.#patch("application/merge-patch+json", refOf(object), { ...config, body });
  }

  /** JSON patch (RFC 6902) of the selected object. */
  async Patch(body: readonly PatchOperation[], config: WriteConfig): Promise<KubeObject> {
    return this.#patch("application/json-patch+json", this.#ref(), { ...config, body });
  }

  /** Merge patch of the selected object's status. */
  async PatchStatus(status: object): Promise<KubeObject> {
    return this.#patch("application/merge-patch+json", this.#ref(), {
      body: { status },
      subresource: "/status",
    });
  }

  /** @throws ConflictError if the object exists */
  async Create(object: Placed, { notAfter, as, ...config }: WriteConfig): Promise<KubeObject> {
    const path = `${collectionPath(this.kind, refOf(object).namespace)}${queryOf(config)}`;
    return asObject(await this.#connection.send({ method: "POST", path, body: object, notAfter, as }));
  }

  /** Deletes the selected object, in exactly the given state. @throws ConflictError, NotFoundError */
  async Delete(preconditions: Precondition, { as }: Pick<WriteConfig, "as">): Promise<void> {
    const body = { kind: "DeleteOptions", apiVersion: "v1", preconditions };
    await this.#connection.send({ method: "DELETE", path: objectPath(this.kind, this.#ref()), body, as });
  }

  /**
   * Lists and follows objects, or the selected one, from `start()` until it is stopped.
   *
   * @param isPulse whether each request for events is short, so that one without an end shows that the API server can't
   * be reached; so does a list of it
   */
  Watch(handlers: WatchHandlers, isPulse = false): Watch {
    const connection = this.#connection;
    const pulse = isPulse ? PULSE.life * 1000 + PULSE.slack : undefined;
    const source: WatchSource = {
      list: (query, onItem) => connection.listBeside({ ...this.#list(query), pulse }, onItem),
      follow: (query, signal, on) => connection.stream({ ...this.#list(query, "object"), pulse }, signal, on),
    };
    return new Watch(handlers, this.kind, source, isPulse ? PULSE.life : undefined);
  }

  #pages(): Pages {
    return new Pages(this.kind, (query, onItem) => this.#connection.list(this.#list(query), onItem));
  }

  #with(filters: Partial<Filters>): KindActions {
    return new KindActions(this.#connection, this.kind, { ...this.#filters, ...filters });
  }

  #ref(): ObjectRef {
    const { name, namespace } = this.#filters;
    if (name === undefined) throw new Error(`no ${this.kind.kind} is named`);
    return { name, namespace };
  }

  #part(of: "object" | "list"): "object" | "list" | undefined {
    return this.#filters.metadataOnly ? of : undefined;
  }

  #list(query: Record<string, string>, of: "object" | "list" = "list"): KubeRequest {
    const text = new URLSearchParams({ ...selectorsOf(this.#filters), ...query }).toString();
    return {
      method: "GET",
      path: `${collectionPath(this.kind, this.#filters.namespace)}?${text}`,
      metadataOf: this.#part(of),
    };
  }

  async #patch(
    contentType: string,
    ref: ObjectRef,
    {
      body,
      subresource = "",
      notAfter,
      as,
      ...config
    }: WriteConfig & { body: unknown; subresource?: string },
  ): Promise<KubeObject> {
    const path = `${objectPath(this.kind, ref)}${subresource}${queryOf(config)}`;
    const metadataOf = this.#part("object");
    return asObject(
      await this.#connection.send({ method: "PATCH", path, body, contentType, metadataOf, notAfter, as }),
    );
  }
}
