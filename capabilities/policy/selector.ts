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
  const [, key = "", operator, value] = EQUALS.exec(text) ?? [];
  if (operator !== undefined) return values => (own(values, key) === value) === (operator !== "!=");
  const [, name = "", how, list = ""] = AMONG.exec(text) ?? [];
  const among: unknown[] = list.split(",").map(item => item.trim());
  if (how !== undefined) return values => among.includes(own(values, name)) === (how === "in");
  const [, not, present = ""] = EXISTS.exec(text) ?? [];
  return not === undefined ? undefined : values => Object.hasOwn(values, present) === (not === "");
}

function own(values: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}
