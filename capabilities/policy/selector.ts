import { PolicyError } from "./policy-error";

/** Whether labels, or annotations, are those that a selector asks for. */
export type Selector = (values: Readonly<Record<string, unknown>>) => boolean;

const KEY = String.raw`([A-Za-z0-9][-A-Za-z0-9_./]*)`;
const VALUE = String.raw`([-A-Za-z0-9_.]*)`;
const EQUALS = new RegExp(`^${KEY}\\s*(=|==|!=)\\s*${VALUE}$`);
const AMONG = new RegExp(`^${KEY}\\s+(in|notin)\\s+\\(([-A-Za-z0-9_.,\\s]*)\\)$`);
const EXISTS = new RegExp(`^(!?)\\s*${KEY}$`);

/** A comma between requirements, not one between values. */
const SEPARATOR = /,(?![^(]*\))/;

/**
 * Reads a selector. Source: Kubernetes docs, "Labels and Selectors"; as there, != and notin also hold where the key is absent.
 *
 * @param field where it stands
 * @throws PolicyError
 */
export function readSelector(field: string, text: string): Selector {
  const requirements = text.split(SEPARATOR).map(part => {
    const requirement = readRequirement(part.trim());
    if (requirement) return requirement;
    throw new PolicyError(
      `${field} ${JSON.stringify(text)} is no selector: write it as kubectl get -l takes it, as in "app=web,tier in (a, b),!canary"`,
    );
  });
  return values => requirements.every(requirement => requirement(values));
}

function readRequirement(text: string): Selector | undefined {
  return readEquality(text) ?? readSet(text) ?? readPresence(text);
}

function readEquality(text: string): Selector | undefined {
  const [, key = "", operator, value] = EQUALS.exec(text) ?? [];
  return operator === undefined ? undefined : values => (own(values, key) === value) === (operator !== "!=");
}

function readSet(text: string): Selector | undefined {
  const [, key = "", operator, list = ""] = AMONG.exec(text) ?? [];
  const among: unknown[] = list.split(",").map(item => item.trim());
  return operator === undefined
    ? undefined
    : values => among.includes(own(values, key)) === (operator === "in");
}

function readPresence(text: string): Selector | undefined {
  const [, not, key = ""] = EXISTS.exec(text) ?? [];
  return not === undefined ? undefined : values => Object.hasOwn(values, key) === (not === "");
}

function own(values: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}
