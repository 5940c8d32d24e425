import { createServer, type Server } from "node:http";

/** What the endpoints report. */
export interface Told {
  /** Whether everything is watched. */
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
 * Answers the HTTP requests of kubelet and Prometheus: /livez as long as the process answers at all, /readyz with 200
 * once everything is watched (Pepr's own server says so at once), /metrics.
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
