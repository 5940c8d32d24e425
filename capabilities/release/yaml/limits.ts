/** How deep maps and lists may be nested; the deepest known CRD schemas stay below 100. */
export const MAX_DEPTH = 500;

/** How long one document may be, in characters: an object in etcd has at most 1.5 MiB. */
export const MAX_DOCUMENT_LENGTH = 2 * 1024 * 1024;

/**
 * How many tokens one document may have: 0.5 to 1 MB of YAML, or 30,000 lines; a long text is one token. Measured: the
 * parser takes up to 350 bytes and 4 microseconds per token, and frees them with the document.
 */
export const MAX_DOCUMENT_TOKENS = 250_000;

/**
 * What reading may cost, shared by the documents of one manifest. Anyone who may write the release's Secret writes the
 * YAML, so neither a flood of tiny nodes nor a "billion laughs" of aliases may exhaust the process's memory.
 */
export interface YamlBudget {
  /** Tokens left. */
  tokens: number;
  /** What aliases may still copy, in nodes plus characters. */
  aliased: number;
}

/** A new budget for one manifest: 1,000,000 tokens are 4 MB of Deployments, or 2 MB of the densest Roles. */
export function yamlBudget(): YamlBudget {
  return { tokens: 1_000_000, aliased: 1_000_000 };
}

export const TOO_DEEP = `is nested deeper than ${MAX_DEPTH} levels`;

/** A document is not YAML that Helm accepts, or exceeds a limit. The message never quotes the document. */
export class YamlError extends Error {
  override readonly name = "YamlError";
}
