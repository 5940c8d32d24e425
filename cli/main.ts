import packageJson from "../package.json";
import { assertAgreed } from "./agreement";
import { endWhereBroken } from "./broken-streams";
import { assertFollows, invocationOf } from "./invocation";
import { programOf } from "./program";
import type { Call, Verb } from "./verb";
import { VERBS } from "./verbs";

const { stdout, stderr, env, argv } = process;
const [, file = "", ...args] = argv;
const { program, defaults, namespace } = invocationOf(file, env);

/** What needs zod and the rooms of the operator is loaded once it is needed: help must not wait for it. */
async function run(verb: Verb, call: Omit<Call, "flags">, options: object): Promise<void> {
  const { readFlags } = await import("./read-flags");
  const { errorLine } = await import("./output/error-words");
  const given = { ...defaults, ...options };
  // Whatever ends without a result has not succeeded.
  process.exitCode = 1;
  try {
    assertFollows(env);
    const start = await verb.load();
    assertAgreed(verb, call.args, readFlags(options));
    const flags = readFlags({ ...(await ofHelm(verb)), ...given });
    process.exitCode = await start({ ...call, flags });
  } catch (error) {
    call.stderr.write(`${errorLine(error, given.verbose === true)}\n`);
  }
}

/** The namespace that Helm was told. That of the context is none: it is not what --all is about, nor what another context has. */
async function ofHelm({ flags }: Verb): Promise<{ readonly namespace?: string }> {
  if (namespace === undefined || !flags.includes("namespace")) return {};
  const { namespaceOf } = await import("./access/targets");
  return namespace === namespaceOf(defaults.context?.[0]) ? {} : { namespace };
}

/** Shells, Helm and kubectl ask so what may follow on a command line. */
async function complete(words: readonly string[]): Promise<void> {
  const { completions } = await import("./completion/completions");
  stdout.write(await completions(words, { verbs: VERBS, defaults: { namespace, ...defaults } }));
}

// What packages use that Node.js would have them not use is nothing that a user can mend.
process.noDeprecation = true;

endWhereBroken(stdout, stderr, code => process.exit(code));

void (args[0] === "__complete"
  ? complete(args.slice(1)).finally(() => process.exit())
  : programOf({ program, version: packageJson.version, streams: { stdout, stderr } }, run).parseAsync(
      args.length === 0 ? ["--help"] : args,
      { from: "user" },
    ));
