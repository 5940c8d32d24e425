import { KubeConfig } from "@kubernetes/client-node";
import type { RequestOptions } from "node:https";
import { isDeepStrictEqual } from "node:util";
import { isObject } from "../kube/object";
import { NetworkError } from "./errors";
import { askPlugin, type PluginCredential } from "./exec-plugin";

/** How long credentials are used before they are read again, in milliseconds: tokens of a Pod rotate hourly. */
const LIFETIME = 60_000;

/** Least time between two readings, in milliseconds. */
const PAUSE = 1_000;

/** The share of the life of a plugin's credential after which the plugin is asked again. */
const RENEWAL = 0.8;

/** Whether a text is the URL of an API server, or of a proxy. */
function isHttp(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text);
}

/** What a connection to the API server needs. */
type TlsOptions = Pick<RequestOptions, "ca" | "cert" | "key" | "servername" | "rejectUnauthorized">;

/** Where the API server is, and how it recognizes the locker. */
export interface Login {
  /** URL, without a slash at its end. */
  readonly server: string;
  /** URL of the proxy on the way there. */
  readonly proxy: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The same object until something in it is another. */
  readonly tls: TlsOptions;
}

/**
 * Where the API server is and who the locker is there, according to a kubeconfig that is read again and again:
 * certificates, tokens and authorities are replaced while the process runs. What was read last is used while it is read
 * anew, and longer if that fails, unless the API server has refused it.
 */
export class Credentials {
  readonly #load: () => KubeConfig;
  readonly #hasUser: boolean;
  #login: Login | undefined;
  /** performance.now() when it was read, and from when on it is read again. */
  #readAt = -Infinity;
  #expires = -Infinity;
  #isRefused = false;
  #reading: Promise<Login> | undefined;
  #plugin:
    | { readonly exec: unknown; readonly credential: PluginCredential; readonly renewAt: number }
    | undefined;

  /**
   * @param hasUser whether plugins of the kubeconfig may ask a user
   * @throws Error if the kubeconfig can't be used: it names no cluster, or a sort of proxy that is not supported
   */
  constructor(load: () => KubeConfig, { hasUser = false } = {}) {
    wayOf(load());
    this.#load = load;
    this.#hasUser = hasUser;
  }

  /** The credentials of $KUBECONFIG, ~/.kube/config or, in a Pod, its ServiceAccount. */
  static fromEnvironment(): Credentials {
    return new Credentials(() => {
      const kubeConfig = new KubeConfig();
      kubeConfig.loadFromDefault();
      return kubeConfig;
    });
  }

  /** @throws NetworkError if no credentials are available now */
  async login(): Promise<Login> {
    if (this.#login && performance.now() <= this.#expires) return this.#login;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    if (!this.#login || this.#isRefused) return this.#reading;
    this.#reading.catch(() => undefined);
    return this.#login;
  }

  /** The API server no longer accepts these credentials: the next request waits for others. */
  reject(): void {
    this.#isRefused = true;
    this.#plugin = undefined;
    this.doubt();
  }

  /** The API server does not answer: what is known of it may be out of date, and is read again. */
  doubt(): void {
    this.#expires = Math.min(this.#expires, this.#readAt + PAUSE);
  }

  async #read(): Promise<Login> {
    this.#readAt = performance.now();
    this.#expires = this.#readAt + LIFETIME;
    try {
      const login = await this.#ask();
      const { tls } = this.#login ?? login;
      this.#login = { ...login, tls: isDeepStrictEqual(tls, login.tls) ? tls : login.tls };
      this.#isRefused = false;
      return this.#login;
    } catch (error) {
      this.doubt();
      throw new NetworkError(`no credentials for the API server: ${String(error)}`, { cause: error });
    }
  }

  async #ask(): Promise<Login> {
    const kubeConfig = this.#load();
    const said = await this.#askPlugin(kubeConfig);
    const options: RequestOptions = {};
    await kubeConfig.applyToHTTPSOptions(options);
    const { ca, cert = said?.cert, key = said?.key, servername, rejectUnauthorized = true } = options;
    return {
      ...wayOf(kubeConfig),
      headers: {
        ...headersOf(options),
        ...(said?.token === undefined ? {} : { authorization: `Bearer ${said.token}` }),
      },
      tls: { ca, cert, key, servername, rejectUnauthorized },
    };
  }

  /** What the plugin of the user says, if there is one; the user is then one without a plugin. */
  async #askPlugin(kubeConfig: KubeConfig): Promise<PluginCredential | undefined> {
    const exec: unknown = kubeConfig.getCurrentUser()?.exec;
    if (!isObject(exec)) return undefined;
    kubeConfig.users = kubeConfig.users.map(user => ({ ...user, exec: undefined }));
    if (!this.#plugin || !isDeepStrictEqual(this.#plugin.exec, exec) || Date.now() >= this.#plugin.renewAt) {
      const credential = await askPlugin(exec, this.#hasUser);
      const renewAt = Date.now() + (credential.until - Date.now()) * RENEWAL;
      this.#plugin = { exec, credential, renewAt };
    }
    const { credential, renewAt } = this.#plugin;
    this.#expires = Math.min(this.#expires, performance.now() + Math.max(PAUSE, renewAt - Date.now()));
    return credential;
  }
}

/** @throws Error if there is no way that the locker can go */
function wayOf(kubeConfig: KubeConfig): Pick<Login, "server" | "proxy"> {
  const cluster = kubeConfig.getCurrentCluster();
  if (!cluster)
    throw new Error("the kubeconfig has no current context with a cluster: set one, or set KUBECONFIG");
  const { server, proxyUrl: proxy } = cluster;
  if (proxy !== undefined && !isHttp(proxy))
    throw new Error(`the kubeconfig's proxy-url ${proxy} is not supported: only http and https are`);
  if (!isHttp(server))
    throw new Error(
      `the kubeconfig's server ${server} is no URL of an API server: it has to begin with https://, and to go on with a host and a port`,
    );
  return { server: server.replace(/\/$/, ""), proxy };
}

function headersOf({ headers = {}, auth }: RequestOptions): Record<string, string> {
  const known = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name.toLowerCase(), String(value)] as const],
  );
  const basic =
    typeof auth === "string" ? { authorization: `Basic ${Buffer.from(auth).toString("base64")}` } : {};
  return { ...Object.fromEntries<string>(known), ...basic };
}
