import type { LabelSelectorSpec } from "../../crds/helm-locker-policy";

/** Labels by key. */
export type Labels = Readonly<Record<string, string>>;

/** What is asked of one key. */
interface Requirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values: readonly string[];
}

/** A label selector that can be followed. Source: Kubernetes docs, "Labels and Selectors"; as there, NotIn also holds where the key is absent. */
export class LabelSelector {
  readonly #requirements: readonly Requirement[];

  constructor({ matchLabels = {}, matchExpressions = [] }: LabelSelectorSpec = {}) {
    const equal = Object.entries(matchLabels).map(
      ([key, value]): Requirement => ({ key, operator: "In", values: [value] }),
    );
    this.#requirements = [
      ...equal,
      ...matchExpressions.map(({ key, operator, values = [] }) => ({ key, operator, values })),
    ];
  }

  /** The keys that it asks about. */
  get keys(): string[] {
    return this.#requirements.map(({ key }) => key);
  }

  matches(labels: Labels): boolean {
    return this.#requirements.every(requirement => meets(labels, requirement));
  }

  /** A key of which no labels can be as it asks; undefined if there is none. */
  contradiction(): string | undefined {
    return this.keys.find(key => {
      const about = this.#requirements.filter(requirement => requirement.key === key);
      // Any other value meets what names no value.
      const values = [...about.flatMap(requirement => requirement.values), undefined];
      const some = values.map(value => ({ [key]: value ?? OTHER }));
      return ![{}, ...some].some(labels => about.every(requirement => meets(labels, requirement)));
    });
  }
}

/** What no label can be. */
const OTHER = "\0";

function meets(labels: Labels, { key, operator, values }: Requirement): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  if (operator === "Exists") return value !== undefined;
  if (operator === "DoesNotExist") return value === undefined;
  return (value !== undefined && values.includes(value)) === (operator === "In");
}
