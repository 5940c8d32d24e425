import { z } from "zod";
import { API_SERVER_VARIABLE } from "./clusters/control-plane";
import { parseOptions } from "./lib/options";
import { supervised } from "./lib/supervisor";
import { task } from "./lib/task";
import { runIntegrationTests } from "./test-runner/run";

const USAGE = `usage: npm run test:floor [-- FILE...]

Shows on the oldest API server that can refuse changes, Kubernetes 1.30, that it does, and that drift goes back; it is built with
Go on first use.
`;

/** What is promised of admission, and of drift. */
const FILES = ["admission", "admission-helm", "orphans", "by-policy", "additions", "edits", "list-keys"].map(
  name => `test/${name}.test.ts`,
);

task(() =>
  supervised("helm-locker-test", supervisor => {
    const schema = z.object({ files: z.array(z.string()) });
    const { files } = parseOptions({ usage: USAGE, options: {}, schema, allowFiles: true });
    const env = { [API_SERVER_VARIABLE]: "floor" };
    return runIntegrationTests(supervisor, files.length > 0 ? files : FILES, { env });
  }),
);
