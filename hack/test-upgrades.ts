import { z } from "zod";
import { parseOptions } from "./lib/options";
import { supervised } from "./lib/supervisor";
import { task } from "./lib/task";
import { runIntegrationTests } from "./test-runner/run";

const USAGE = `usage: npm run test:upgrades [-- --upgrades NUMBER]

Shows that Helm is refused nothing: upgrades that drop objects, with each Helm, under Deny, while locks are suspended and
resumed, leave no orphan, also through an API server that lags behind another one.

  --upgrades NUMBER  how many drop an object; default 300, and a fifth as many through the one that lags
`;

task(() =>
  supervised("helm-locker-test", supervisor => {
    const { upgrades } = parseOptions({
      usage: USAGE,
      options: { upgrades: { type: "string" } },
      schema: z.object({ upgrades: z.coerce.number().int().positive().default(300) }),
    });
    const env = { ADMISSION_UPGRADES: String(upgrades) };
    return runIntegrationTests(supervisor, ["test/orphans.test.ts", "test/two-api-servers.test.ts"], {
      env,
    });
  }),
);
