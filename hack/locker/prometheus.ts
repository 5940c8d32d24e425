import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { prometheusTools } from "../artifacts/prometheus";
import { untilSeen } from "../lib/patience";
import { freePort } from "../lib/ports";
import { Supervisor } from "../lib/supervisor";

const answer = z.object({ data: z.object({ result: z.array(z.unknown()) }) });

const labels = z.record(z.string(), z.string());
const sample = z.tuple([z.number(), z.string().transform(Number)]);

/** What an expression gave of one set of labels, over a while: seconds and values. */
const series = z.object({ metric: labels, values: z.array(sample) });
export type Series = z.infer<typeof series>;

/** A Prometheus that scrapes one locker, on loopback. */
export class Prometheus {
  readonly #supervisor: Supervisor;
  readonly #url: string;

  private constructor(supervisor: Supervisor, url: string) {
    this.#supervisor = supervisor;
    this.#url = url;
  }

  /** @param port of the locker's metrics */
  static async start(port: number): Promise<Prometheus> {
    const supervisor = new Supervisor("helm-locker-prometheus");
    const config = join(supervisor.directory, "prometheus.yaml");
    const scrape_configs = [
      { job_name: "helm-locker", static_configs: [{ targets: [`127.0.0.1:${port}`] }] },
    ];
    await writeFile(config, JSON.stringify({ global: { scrape_interval: "500ms" }, scrape_configs }));
    const address = `127.0.0.1:${await freePort()}`;
    supervisor.spawn(
      join(await prometheusTools(), "prometheus"),
      [`--config.file=${config}`, "--storage.tsdb.path=data", `--web.listen-address=${address}`],
      { stdio: "ignore" },
    );
    const prometheus = new Prometheus(supervisor, `http://${address}`);
    await untilSeen(
      () =>
        prometheus.results("helm_locker_build_info").then(
          ({ length }) => length > 0,
          () => false,
        ),
      "the first scrape",
    );
    return prometheus;
  }

  /** What an expression gives now. */
  results(query: string): Promise<unknown[]> {
    return this.#ask("query", { query });
  }

  /** What an expression has given, second by second, up to now. @param seconds how long */
  async during(query: string, seconds: number): Promise<Series[]> {
    const end = Date.now() / 1000;
    const span = { start: String(end - seconds), end: String(end), step: "1" };
    return z.array(series).parse(await this.#ask("query_range", { query, ...span }));
  }

  async #ask(how: string, parameters: Record<string, string>): Promise<unknown[]> {
    const reply = await fetch(`${this.#url}/api/v1/${how}?${new URLSearchParams(parameters).toString()}`);
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${parameters.query ?? ""}: ${text}`);
    return answer.parse(JSON.parse(text)).data.result;
  }

  /** Ends it. */
  stop(): Promise<void> {
    return this.#supervisor.end();
  }
}
