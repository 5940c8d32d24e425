import { createServer, type Server } from "node:http";

/** What the endpoints tell of. */
export interface Told {
  /** Whether all is watched. */
  isReady(): boolean;
  /** All metrics, in Prometheus' text format. */
  metrics(): Promise<string>;
}

/** An answer to a GET. */
interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * What kubelet and Prometheus ask over HTTP: /livez answers as long as the process does, /readyz with 200 once all is watched (Pepr's
 * own server says so at once), /metrics.
 * @see https://kubernetes.io/docs/reference/using-api/health-checks/ (the names)
 */
export function endpoints(told: Told): Server {
  return createServer((request, response) => {
    const [path = "/"] = (request.url ?? "/").split("?");
    answerTo(path, told).then(
      ({ status, text }) => {
        response.writeHead(status, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }).end(text);
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
}

async function answerTo(path: string, told: Told): Promise<Answer> {
  switch (path) {
    case "/livez":
      return { status: 200, text: "ok\n" };
    case "/readyz":
      return told.isReady()
        ? { status: 200, text: "ok\n" }
        : { status: 503, text: "not all is watched yet\n" };
    case "/metrics":
      return { status: 200, text: await told.metrics() };
    default:
      return { status: 404, text: "there are /livez, /readyz and /metrics\n" };
  }
}
