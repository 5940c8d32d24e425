import { KubeConfig } from "@kubernetes/client-node";
import type { RequestOptions } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, errors, request, type Dispatcher } from "undici";
import { z } from "zod";
import { parsed } from "./json";
import { kubeObject, type Body, type KubeObject } from "./objects";

const headersSchema = z.record(z.string(), z.coerce.string()).default({});

const statusReply = z.looseObject({ message: z.string() });

type Request = NonNullable<Parameters<typeof request>[1]>;

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What requests of an {@link Api} say that they come from. */
export const USER_AGENT = "kubectl/test";

/** A user as the API server knows it. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

function impersonating({ name, groups }: User): Record<string, string | string[]> {
  return { "impersonate-user": name, "impersonate-group": [...groups] };
}

/** The API server refused a request. */
export class Refused extends Error {
  override readonly name = "Refused";

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** A user's client of an API server: connections stay open, so edits can be milliseconds apart. */
export class Api {
  readonly #agent: Agent;
  /**
   * For watches alone: undici connects anew for a watch that is given up. The API server closes a connection that nothing has used after
   * 32 s, so that a write must never get one.
   */
  readonly #watches: Agent;
  readonly #server: string;
  readonly #headers: Record<string, string | string[]>;

  private constructor(server: string, options: RequestOptions, as?: User) {
    const { ca, cert, key, servername, rejectUnauthorized = true, auth } = options;
    const connect = { ca, cert, key, servername, rejectUnauthorized };
    const agent = () => new Agent({ connect, bodyTimeout: 0, keepAliveTimeout: 60_000 });
    [this.#agent, this.#watches] = [agent(), agent()];
    this.#server = server.replace(/\/$/, "");
    this.#headers = { ...headersSchema.parse(options.headers), ...(as && impersonating(as)) };
    if (typeof auth === "string")
      this.#headers.authorization = `Basic ${Buffer.from(auth).toString("base64")}`;
  }

  /**
   * @param kubeconfig a path; if absent `$KUBECONFIG`, else `~/.kube/config`
   * @param as whose rights count, if not those of its user
   */
  static async of(kubeconfig?: string, as?: User): Promise<Api> {
    const config = new KubeConfig();
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
    const { server } = config.getCurrentCluster() ?? {};
    if (server === undefined) throw new Error("the kubeconfig has no current context with a cluster");
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    return new Api(server, options, as);
  }

  /** The object at a path; undefined if there is none. */
  async get(path: string): Promise<KubeObject | undefined> {
    try {
      return await this.read(path);
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return undefined;
      throw error;
    }
  }

  /** The object at a path, which must exist. */
  async read(path: string): Promise<KubeObject> {
    return kubeObject.parse(await this.send("GET", path));
  }

  async create(collectionPath: string, body: Body): Promise<KubeObject> {
    return kubeObject.parse(await this.send("POST", collectionPath, body));
  }

  async replace(path: string, body: Body): Promise<KubeObject> {
    return kubeObject.parse(await this.send("PUT", path, body));
  }

  /** Edits with a JSON merge patch, as `kubectl patch --type=merge` does. */
  async edit(path: string, patch: Body): Promise<KubeObject> {
    return kubeObject.parse(await this.send("PATCH", path, patch));
  }

  /** Edits by a JSON patch (RFC 6902), as `kubectl patch --type=json` does. */
  async patch(path: string, operations: readonly Body[], manager = "kubectl-patch"): Promise<KubeObject> {
    const type = "application/json-patch+json";
    return kubeObject.parse(await this.send("PATCH", `${path}?fieldManager=${manager}`, operations, type));
  }

  /** Writes with a forced server-side apply. */
  async apply(path: string, body: Body, manager: string): Promise<KubeObject> {
    const query = `fieldManager=${manager}&force=true`;
    return kubeObject.parse(
      await this.send("PATCH", `${path}?${query}`, body, "application/apply-patch+yaml"),
    );
  }

  async delete(path: string): Promise<void> {
    await this.send("DELETE", path);
  }

  /** Sends one request; returns the parsed reply. @throws Refused for an unsuccessful reply */
  async send(
    method: Method,
    path: string,
    body?: Body | readonly Body[],
    contentType?: string,
  ): Promise<unknown> {
    const { status, text } = await this.answer(method, path, body, contentType);
    if (status >= 300) throw refused(status, `${method} ${path}`, text);
    return JSON.parse(text);
  }

  /** Sends one request; returns the reply as it is, with what the API server warns of. */
  async answer(
    method: Method,
    path: string,
    body?: Body | readonly Body[],
    contentType = method === "PATCH" ? "application/merge-patch+json" : "application/json",
  ): Promise<{ status: number; warning: string; text: string }> {
    const reply = await this.#request(path, {
      method,
      headers: { ...this.#headers, "user-agent": USER_AGENT, "content-type": contentType },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await reply.body.text();
    return { status: reply.statusCode, warning: String(reply.headers.warning ?? ""), text };
  }

  /** Opens a watch. @returns its events, each a parsed JSON value, until the signal or the server ends it @throws Refused */
  async watch(path: string, signal: AbortSignal): Promise<AsyncIterable<unknown>> {
    const dispatcher = this.#watches;
    const reply = await this.#request(path, { method: "GET", headers: this.#headers, signal, dispatcher });
    if (reply.statusCode >= 300) throw refused(reply.statusCode, `watch ${path}`, await reply.body.text());
    return values(reply.body.setEncoding("utf8"));
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent.destroy(), this.#watches.destroy()]);
  }

  /**
   * Sends one request. A read comes back where its connection was lost, and when the API server says where that puts it
   * off, as while it makes the storage of a kind anew: at most ten times, as client-go's does.
   */
  async #request(path: string, options: Request): Promise<Dispatcher.ResponseData<unknown>> {
    const isRead = options.method === "GET";
    for (let tries = 1; ; tries++) {
      const mayComeBack = isRead && tries <= 10;
      try {
        const reply = await request(this.#server + path, { dispatcher: this.#agent, ...options });
        const seconds = Number(reply.headers["retry-after"]);
        if (!(mayComeBack && reply.statusCode === 429 && seconds >= 0)) return reply;
        await reply.body.dump();
        await sleep(seconds * 1000);
      } catch (error) {
        if (!(mayComeBack && error instanceof errors.SocketError)) throw error;
      }
    }
  }
}

function refused(status: number, request: string, text: string): Refused {
  const said = statusReply.safeParse(parsed(text)).data?.message ?? text;
  return new Refused(status, `${said} (${request})`);
}

/** Lines of JSON: a line may come in many pieces, and a piece may hold many lines. */
async function* values(pieces: AsyncIterable<unknown>): AsyncGenerator {
  let rest = "";
  for await (const piece of pieces) {
    const lines = `${rest}${String(piece)}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
}
