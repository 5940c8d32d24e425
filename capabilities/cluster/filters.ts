/** What narrows a request, as the fluent client's Filters do. */
export interface Filters {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** Terms of a label selector. */
  readonly labels: readonly string[];
  readonly metadataOnly: boolean;
}

/** The selectors of a list, as the API server takes them. */
export function selectorsOf({ name, labels }: Filters): Record<string, string> {
  return {
    ...(labels.length === 0 ? {} : { labelSelector: labels.join(",") }),
    ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }),
  };
}
