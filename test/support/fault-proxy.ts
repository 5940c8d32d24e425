import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request as openRequest, type Server } from "node:https";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { AuditEvent } from "../../hack/clusters/control-plane/audit";
import { patiently } from "../../hack/lib/patience";
import { freePort } from "../../hack/lib/ports";
import { selfSignedCertificate } from "./certificate";
import { ANSWER_DELAY } from "../../hack/lib/answer-delay";
import { isWatch, Stall, type Matches, type Request, type StallPoint } from "./faults";

const kubeconfigSchema = z.looseObject({
  clusters: z.tuple([
    z.looseObject({ cluster: z.object({ server: z.url(), "certificate-authority-data": z.base64() }) }),
  ]),
});

/** What a watch says if the API server no longer has the state from which it has to continue. */
const EXPIRED = { type: "ERROR", object: statusBody(410) };

/** An answer of the proxy instead of the API server. */
export interface Refusal {
  readonly status: number;
  /** What the answer says. */
  readonly message?: string;
  /** The seconds in the header Retry-After. */
  readonly retryAfter?: number;
  /** The share of requests that get it, chosen at random. @default 1, which is all */
  readonly rate?: number;
}

/** A fault in force. */
export interface Faulty {
  /** Resolves when it has met the first request. */
  met(): Promise<void>;
  end(): void;
}

/** A fault for the matching requests. */
interface Rule<T> {
  readonly matches: Matches;
  readonly fault: T;
}

/** Who a server is. */
type Identity = ReturnType<typeof selfSignedCertificate>;

/** A request under way, and the answer to its sender. */
interface Exchange {
  readonly request: Request;
  readonly response: ServerResponse;
}

/**
 * Stands between a locker and its API server. Passes on everything, including credentials, and does what networks and
 * overloaded servers do: late answers ({@link ANSWER_DELAY}) and watch events, held-up requests and answers, cut
 * connections, refusals.
 */
export class FaultProxy {
  /** When each held-up request arrived here, and each answer left, by the request's id in the audit log, in the audit log's time format. */
  readonly #arrived = new Map<string, string>();
  readonly #answered = new Map<string, string>();
  readonly #upstream: URL;
  readonly #agent: Agent;
  readonly #server: Server;
  readonly #exchanges = new Set<Exchange>();
  readonly #refusals = new Set<Rule<Refusal & { met: () => void }>>();
  readonly #losses = new Set<Rule<() => void>>();
  readonly #delays = new Set<Rule<number>>();
  readonly #stalls = new Set<Stall>();
  readonly #sockets = new Set<Duplex>();
  readonly #silent = new WeakSet<Duplex>();

  private constructor(
    /** Path of the kubeconfig of this proxy. */
    readonly kubeconfig: string,
    upstream: { server: string; ca: Buffer },
    tls: Identity,
  ) {
    this.#upstream = new URL(upstream.server);
    this.#agent = new Agent({ ca: upstream.ca, keepAlive: true });
    this.#server = createServer({ key: tls.key, cert: tls.certificate }, (request, response) => {
      void this.#serve(request, response);
    });
    this.#server.on("secureConnection", socket => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  /** Opens a proxy to the server of a kubeconfig that is written in JSON; the proxy's own kubeconfig logs in as the same user. */
  static async open(kubeconfig: string): Promise<FaultProxy> {
    const config = kubeconfigSchema.parse(JSON.parse(await readFile(kubeconfig, "utf8")));
    const [{ cluster }] = config.clusters;
    const upstream = {
      server: cluster.server,
      ca: Buffer.from(cluster["certificate-authority-data"], "base64"),
    };
    // The certificate names a host, not an address.
    const tls = selfSignedCertificate("localhost");
    const path = `${kubeconfig}-proxied`;
    const proxy = new FaultProxy(path, upstream, tls);
    const port = await freePort();
    await once(proxy.#server.listen(port, "127.0.0.1"), "listening");
    await writeFile(path, JSON.stringify(pointedTo(config, `https://localhost:${port}`, tls)), {
      mode: 0o600,
    });
    return proxy;
  }

  /** From now on, shows another certificate, of another authority, which its kubeconfig then names; cuts every connection. */
  async renewCertificate(): Promise<void> {
    const config = kubeconfigSchema.parse(JSON.parse(await readFile(this.kubeconfig, "utf8")));
    const tls = selfSignedCertificate("localhost");
    this.#server.setSecureContext({ key: tls.key, cert: tls.certificate });
    this.#server.closeAllConnections();
    await writeFile(
      this.kubeconfig,
      JSON.stringify(pointedTo(config, config.clusters[0].cluster.server, tls)),
    );
  }

  /** From now on, nothing passes on the connections that are open; they stay open, as where packets get lost. New ones work. */
  silence(): void {
    for (const socket of this.#sockets) this.#silent.add(socket);
  }

  /** A request as the locker sees it: it is not responsible for when its requests and their answers come through. */
  asSeen(event: AuditEvent): AuditEvent {
    const { requestReceivedTimestamp, stageTimestamp } = event;
    return {
      ...event,
      requestReceivedTimestamp: this.#arrived.get(event.auditID) ?? requestReceivedTimestamp,
      stageTimestamp: this.#answered.get(event.auditID) ?? stageTimestamp,
    };
  }

  /** Passes on the events of watches later by that many milliseconds until that is ended. */
  delayEvents(matches: Matches, milliseconds: number): Pick<Faulty, "end"> {
    const rule = { matches, fault: milliseconds };
    this.#delays.add(rule);
    return { end: () => void this.#delays.delete(rule) };
  }

  /** Answers requests itself until that is ended. */
  refuse(matches: Matches, refusal: Refusal): Faulty {
    return inForce(this.#refusals, matches, met => ({ ...refusal, met }));
  }

  /** Loses the events of watches, and does not tell that a watch has ended, until that is ended. */
  loseEvents(matches: Matches): Faulty {
    return inForce(this.#losses, matches, met => met);
  }

  /** Holds up matching requests until released. */
  stall(matches: Matches, point: StallPoint): Stall {
    const stall = new Stall(matches, point, () => this.#stalls.delete(stall));
    this.#stalls.add(stall);
    return stall;
  }

  /** Cuts the connections of the requests under way. The API server carries out those that it has received, but nobody gets the answer. */
  cut(matches: Matches): void {
    for (const { response } of this.#underWay(matches)) response.destroy();
  }

  /** Ends the watches under way with the error that makes them start again. */
  expireWatches(): void {
    for (const { response } of this.#underWay(isWatch))
      if (isOpen(response)) response.end(`${JSON.stringify(EXPIRED)}\n`);
  }

  /** Cuts every connection. */
  async close(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #underWay(matches: Matches): Exchange[] {
    return [...this.#exchanges].filter(({ request }) => matches(request));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#silent.has(incoming.socket)) return;
    const request = requestOf(incoming);
    const exchange = { request, response };
    this.#exchanges.add(exchange);
    response.once("close", () => this.#exchanges.delete(exchange));
    try {
      const refusal = this.#refusalOf(request);
      if (refusal) await this.#refuse(response, refusal);
      else await this.#pass(incoming, exchange);
    } catch {
      // The API server is gone, or one side has hung up: the other side must notice it.
      if (!this.#isLost(request)) response.destroy();
    }
  }

  async #pass(incoming: IncomingMessage, { request, response }: Exchange): Promise<void> {
    const id = randomUUID();
    const arrival = now();
    if (await this.#hold("request", request, response)) this.#arrived.set(id, arrival);
    if (response.destroyed) return;
    const reply = await this.#forward(incoming, response, id);
    await this.#hold("answer", request, response);
    if (this.#isSilent(response)) return;
    await this.#handOn(reply, { request, response }, id);
  }

  async #refuse(response: ServerResponse, refusal: Refusal): Promise<void> {
    await delay(ANSWER_DELAY, undefined, { ref: false });
    answer(response, refusal);
  }

  /** @returns whether anything held it up */
  async #hold(point: StallPoint, request: Request, response: ServerResponse): Promise<boolean> {
    const stalls = [...this.#stalls].filter(stall => stall.point === point && stall.matches(request));
    for (const stall of stalls) await stall.hold(response);
    return stalls.length > 0;
  }

  /** @param id under which the API server writes the request into its audit log */
  #forward(incoming: IncomingMessage, response: ServerResponse, id: string): Promise<IncomingMessage> {
    const { method = "GET", url = "/", headers } = incoming;
    const { host } = this.#upstream;
    return new Promise((resolve, reject) => {
      const request = openRequest(
        new URL(url, this.#upstream),
        { agent: this.#agent, method, headers: { ...headers, host, "audit-id": id } },
        resolve,
      );
      request.on("error", reject);
      response.once("close", () => {
        if (!response.writableFinished) request.destroy();
      });
      incoming.pipe(request);
    });
  }

  /** Throws if the API server breaks off, so that the other side's connection is also cut. */
  async #handOn(reply: IncomingMessage, { request, response }: Exchange, id: string): Promise<void> {
    // Each piece waits for the previous one, so that events stay in order.
    let last = late(ANSWER_DELAY, () => {
      if (!isOpen(response)) return;
      response.writeHead(reply.statusCode ?? 500, reply.headers);
      response.flushHeaders();
    });
    for await (const piece of reply) {
      if (this.#isLost(request)) continue;
      const due = performance.now() + ANSWER_DELAY + this.#delayOf(request);
      last = last.then(() =>
        late(due - performance.now(), () => {
          if (isOpen(response) && !this.#isSilent(response)) response.write(piece);
        }),
      );
    }
    await last;
    this.#answered.set(id, now());
    if (isOpen(response) && !this.#isSilent(response) && !this.#isLost(request)) response.end();
  }

  #isSilent({ socket }: ServerResponse): boolean {
    return socket !== null && this.#silent.has(socket);
  }

  #isLost(request: Request): boolean {
    const losses = [...this.#losses].filter(({ matches }) => isWatch(request) && matches(request));
    for (const { fault: met } of losses) met();
    return losses.length > 0;
  }

  #delayOf(request: Request): number {
    const delays = [...this.#delays].filter(({ matches }) => matches(request)).map(({ fault }) => fault);
    return Math.max(0, ...delays);
  }

  #refusalOf(request: Request): Refusal | undefined {
    const rules = [...this.#refusals].filter(({ matches }) => matches(request));
    const met = rules.map(({ fault }) => fault).find(({ rate = 1 }) => Math.random() < rate);
    met?.met();
    return met;
  }
}

/** Whether an answer has not come to its end, as that of a watch has which was told that it is out of date. */
function isOpen({ writable, writableEnded }: ServerResponse): boolean {
  return writable && !writableEnded;
}

/** Adds a rule. @param faultOf makes the fault, which calls `met` when it meets a request */
function inForce<T>(rules: Set<Rule<T>>, matches: Matches, faultOf: (met: () => void) => T): Faulty {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const rule = {
    matches,
    fault: faultOf(() => {
      resolve(undefined);
    }),
  };
  rules.add(rule);
  return {
    met: () => patiently(promise, "a request to meet"),
    end: () => void rules.delete(rule),
  };
}

/** Acts after some milliseconds. */
async function late(milliseconds: number, act: () => void): Promise<void> {
  if (milliseconds > 0) await delay(milliseconds, undefined, { ref: false });
  act();
}

/** The time in the audit log's format. */
function now(): string {
  return new Date().toISOString().replace("Z", "000Z");
}

function requestOf({ method = "GET", url = "/" }: IncomingMessage): Request {
  const { pathname, searchParams } = new URL(url, "https://localhost");
  return { method, path: pathname, query: searchParams };
}

function answer(response: ServerResponse, { status, retryAfter, message }: Refusal): void {
  response.setHeader("content-type", "application/json");
  if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
  response.writeHead(status).end(JSON.stringify(statusBody(status, message)));
}

function statusBody(code: number, message = "refused by the fault proxy"): object {
  return { apiVersion: "v1", kind: "Status", status: "Failure", code, message };
}

/** A kubeconfig that leads to another server. */
function pointedTo(
  config: z.infer<typeof kubeconfigSchema>,
  server: string,
  { certificate }: Identity,
): object {
  const [named] = config.clusters;
  const cluster = { server, "certificate-authority-data": Buffer.from(certificate).toString("base64") };
  return { ...config, clusters: [{ ...named, cluster }] };
}
