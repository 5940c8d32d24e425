import { contextsOf, type Access } from "../access/targets";
import { FLAGS, type FlagName } from "../flags";
import type { Verb } from "../verb";
import { namespaceNames, releaseNames } from "./candidates";
import { formsOf, questionOf, type Given, type Question } from "./question";
import { SHELLS } from "./scripts";

/** How long a cluster is asked, in milliseconds: a user waits at the prompt. */
const PATIENCE = 2_000;

/** What cobra's protocol ends with: whether names of files may follow, too. */
const DIRECTIVES = { files: ":0", noFiles: ":4" };

/** What a command line may be completed with. */
interface Known {
  readonly verbs: readonly Verb[];
  /** What flags are, where they are not given. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

interface Candidate {
  readonly value: string;
  readonly about?: string;
}

/**
 * What may stand for the last word of a command line, in the protocol that cobra's programs speak: a candidate a line, with a description
 * after a tab, and a directive. Errors are nothing to tell at a prompt: then there is no candidate.
 *
 * @param words all that follow the name of the command; the last one is the one to complete
 */
export async function completions(words: readonly string[], known: Known): Promise<string> {
  const { question, typed } = questionOf(words, known.verbs);
  const candidates = await soon(candidatesFor(question, typed, known));
  const lines = candidates
    .filter(({ value }) => value.startsWith(typed))
    .map(({ value, about }) => (about === undefined ? value : `${value}\t${about}`));
  const areFiles = question.about === "value" && FILES.includes(question.flag);
  return [...lines, areFiles ? DIRECTIVES.files : DIRECTIVES.noFiles, ""].join("\n");
}

const FILES: readonly FlagName[] = ["filename", "kubeconfig"];

async function candidatesFor(
  question: Question,
  typed: string,
  { verbs, defaults }: Known,
): Promise<readonly Candidate[]> {
  switch (question.about) {
    case "verb":
      return verbs.map(({ name, summary }) => ({ value: name, about: summary }));
    case "flag":
      return question.flags.map(flag => ({ value: formsOf(flag).long, about: FLAGS[flag].description }));
    case "value":
      return named(await valuesOf(question.flag, accessOf(question.given, defaults)));
    case "argument":
      return named(await argumentsOf(question, typed, defaults));
  }
}

function named(values: readonly string[]): Candidate[] {
  return values.map(value => ({ value }));
}

async function valuesOf(name: FlagName, access: Access): Promise<readonly string[]> {
  const flag = FLAGS[name];
  if ("choices" in flag) return flag.choices;
  if (name === "context" || name === "contexts") return contextsOf(access);
  return name === "namespace" || name === "registrationNamespace" ? namespaceNames(access) : [];
}

async function argumentsOf(
  { arg, given }: Extract<Question, { about: "argument" }>,
  typed: string,
  defaults: Known["defaults"],
): Promise<readonly string[]> {
  if (arg.includes("SHELL")) return SHELLS;
  if (!arg.includes("RELEASE")) return [];
  const namespace = given.namespace ?? textOf(defaults.namespace);
  return releaseNames(accessOf(given, defaults), namespace, typed);
}

function accessOf(
  { kubeconfig, contexts: several, context = several, as }: Given,
  { context: contexts, as: user }: Known["defaults"],
): Access {
  const byDefault = Array.isArray(contexts) ? contexts.filter(name => typeof name === "string") : [];
  return {
    kubeconfig,
    contexts: context === undefined ? byDefault : [context],
    as: as ?? textOf(user),
    hasUser: false,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** What comes in time, and without an error. */
async function soon(candidates: Promise<readonly Candidate[]>): Promise<readonly Candidate[]> {
  const nothing = new Promise<readonly Candidate[]>(resolve => setTimeout(resolve, PATIENCE, []));
  return Promise.race([candidates, nothing]).catch(() => []);
}
