import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { prometheusTools } from "../../hack/artifacts/prometheus";
import { untilSeen } from "../../hack/lib/patience";
import { freePort } from "../../hack/lib/ports";
import { Supervisor } from "../../hack/lib/supervisor";

const answer = z.object({ data: z.object({ result: z.array(z.unknown()) }) });

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
  async results(query: string): Promise<unknown[]> {
    const reply = await fetch(`${this.#url}/api/v1/query?${new URLSearchParams({ query }).toString()}`);
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${query}: ${text}`);
    return answer.parse(JSON.parse(text)).data.result;
  }

  /** Ends it. */
  stop(): Promise<void> {
    return this.#supervisor.end();
  }
}
