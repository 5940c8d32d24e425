/** What a well-known controller does to objects of charts, so that it stays. Facts only; catalogue/entries.ts has them. */
export interface Entry {
  /** Whose doing it is, and what: "Kubernetes: the revision of a Deployment". */
  readonly name: string;
  readonly target: Target;
  /** In the notation of kube/path.ts. */
  readonly paths: readonly string[];
  /**
   * Whose writes it covers, where their field managers are telling: a regular expression for the whole name. It is the writer's own word,
   * so that an entry that covers whole data, rules or a Pod's spec needs a sign in the manifest, too.
   */
  readonly managers?: string;
  /** Whether only what the chart says nothing of is left: an absent or an empty value. */
  readonly onlyEmpty?: boolean;
  readonly why: string;
  /** Where that is documented, or can be seen in public code. */
  readonly source: string;
}

/** Which objects an entry is about, by what the manifest says of them: nobody but the chart can make an object one. */
export interface Target {
  /** API group, or several; "" for the core, any where absent. */
  readonly group?: string | readonly string[];
  /** Any where absent. */
  readonly kinds?: readonly string[];
  /** A regular expression for the whole name. */
  readonly name?: string;
  /** Labels that the manifest has: of this value, or any where it is "*". */
  readonly labels?: Readonly<Record<string, string>>;
  /** Annotations that the manifest has, on the object or on its Pod template, in the same way. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** A regular expression for the whole key of a label or an annotation that the manifest has, on the object or on its Pod template. */
  readonly mark?: string;
  /** Fields that the manifest has, by their paths in the notation of kube/path.ts: of this value, or any where it is "*". */
  readonly fields?: Readonly<Record<string, string>>;
}
