import { Agent, request } from "undici";
import { z } from "zod";
import type { ControlPlane } from "../clusters/control-plane";
import { kubeObject, type Body, type KubeObject } from "./objects";

const base64 = z.base64().transform(text => Buffer.from(text, "base64"));

/** What `kubectl config view --raw --flatten` says of the administrator; either way to log in is enough. */
const kubeconfig = z.object({
  clusters: z.tuple([
    z.object({ cluster: z.object({ server: z.url(), "certificate-authority-data": base64 }) }),
  ]),
  users: z.tuple([
    z.object({
      user: z.object({
        token: z.string().optional(),
        "client-certificate-data": base64.optional(),
        "client-key-data": base64.optional(),
      }),
    }),
  ]),
});

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

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

/** The administrator's client: connections stay open, so that edits can be milliseconds apart. */
export class Api {
  readonly #agent: Agent;
  readonly #server: string;
  readonly #headers: Record<string, string>;

  private constructor(config: z.infer<typeof kubeconfig>) {
    const { server, "certificate-authority-data": ca } = config.clusters[0].cluster;
    const { token, "client-certificate-data": cert, "client-key-data": key } = config.users[0].user;
    this.#server = server;
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    this.#agent = new Agent({ connect: { ca, cert, key }, bodyTimeout: 0, keepAliveTimeout: 60_000 });
  }

  static async of(controlPlane: ControlPlane): Promise<Api> {
    const view = await controlPlane.kubectl(["config", "view", "--raw", "--flatten", "--output=json"]);
    return new Api(kubeconfig.parse(JSON.parse(view)));
  }

  /** The object at a path; undefined where there is none. */
  async get(path: string): Promise<KubeObject | undefined> {
    try {
      return kubeObject.parse(await this.send("GET", path));
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return undefined;
      throw error;
    }
  }

  /** The object at a path, which must be there. */
  async read(path: string): Promise<KubeObject> {
    return kubeObject.parse(await this.send("GET", path));
  }

  async create(collectionPath: string, body: Body): Promise<KubeObject> {
    return kubeObject.parse(await this.send("POST", collectionPath, body));
  }

  async replace(path: string, body: Body): Promise<KubeObject> {
    return kubeObject.parse(await this.send("PUT", path, body));
  }

  /** Edits by a JSON merge patch, as `kubectl patch --type=merge` does. */
  async edit(path: string, patch: Body): Promise<KubeObject> {
    return kubeObject.parse(await this.send("PATCH", path, patch));
  }

  /** Writes by a forced server-side apply. */
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
    body?: Body,
    contentType = method === "PATCH" ? "application/merge-patch+json" : "application/json",
  ): Promise<unknown> {
    const reply = await request(this.#server + path, {
      dispatcher: this.#agent,
      method,
      headers: {
        ...this.#headers,
        "user-agent": "kubectl/test",
        "content-type": contentType,
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await reply.body.text();
    if (reply.statusCode >= 300) throw new Refused(reply.statusCode, `${method} ${path}: ${text}`);
    return JSON.parse(text);
  }

  /** Opens a stream of lines, one parsed JSON value each, until the signal or the server ends it. */
  async *stream(path: string, signal: AbortSignal): AsyncGenerator {
    const reply = await request(this.#server + path, {
      dispatcher: this.#agent,
      headers: this.#headers,
      signal,
    });
    if (reply.statusCode >= 300)
      throw new Refused(reply.statusCode, `watch ${path}: ${await reply.body.text()}`);
    let rest = "";
    for await (const chunk of reply.body.setEncoding("utf8")) {
      const lines = `${rest}${String(chunk)}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line);
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
