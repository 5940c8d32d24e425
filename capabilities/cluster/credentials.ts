import { KubeConfig } from "@kubernetes/client-node";
import type { RequestOptions } from "node:https";
import { NetworkError } from "./errors";

/** How long credentials are used before they are read again, in milliseconds: tokens of a Pod rotate hourly. */
const LIFETIME = 60_000;

/** What a connection to the API server needs. */
type TlsOptions = Pick<RequestOptions, "ca" | "cert" | "key" | "servername" | "rejectUnauthorized">;

/** How the API server recognizes the locker. */
export interface Login {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
}

/** Where the API server is and who the locker is there, according to one kubeconfig. */
export class Credentials {
  /** URL of the API server, without a slash at its end. */
  readonly server: string;
  readonly #kubeConfig: KubeConfig;
  #login: Login | undefined;
  #expires = 0;

  /** @throws Error if the kubeconfig names no cluster */
  constructor(kubeConfig: KubeConfig) {
    const cluster = kubeConfig.getCurrentCluster();
    if (!cluster)
      throw new Error("the kubeconfig has no current context with a cluster: set one, or set KUBECONFIG");
    this.#kubeConfig = kubeConfig;
    this.server = cluster.server.replace(/\/$/, "");
  }

  /** The credentials of $KUBECONFIG, ~/.kube/config or, in a Pod, its ServiceAccount. */
  static fromEnvironment(): Credentials {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromDefault();
    return new Credentials(kubeConfig);
  }

  /** @throws NetworkError if no credentials are available now */
  async login(): Promise<Login> {
    if (this.#login && performance.now() <= this.#expires) return this.#login;
    this.#login = await this.#ask();
    this.#expires = performance.now() + LIFETIME;
    return this.#login;
  }

  /** The API server no longer accepts these credentials: the next request reads them again. */
  reject(): void {
    this.#expires = 0;
  }

  async #ask(): Promise<Login> {
    const options: RequestOptions = {};
    try {
      await this.#kubeConfig.applyToHTTPSOptions(options);
    } catch (error) {
      throw new NetworkError(`no credentials for the API server: ${String(error)}`, { cause: error });
    }
    const { ca, cert, key, servername, rejectUnauthorized = true } = options;
    return { headers: headersOf(options), tls: { ca, cert, key, servername, rejectUnauthorized } };
  }
}

function headersOf({ headers = {}, auth }: RequestOptions): Record<string, string> {
  const known = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name.toLowerCase(), String(value)] as const],
  );
  const basic =
    typeof auth === "string" ? { authorization: `Basic ${Buffer.from(auth).toString("base64")}` } : {};
  return { ...Object.fromEntries<string>(known), ...basic };
}
