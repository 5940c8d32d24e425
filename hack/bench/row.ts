/** One line of the table. */
export interface Row {
  measure: string;
  /** What is to be reached; absent where the figure is only told. */
  target?: string;
  figure: string;
  isMet?: boolean;
}

/** How thorough a run is. */
export interface Effort {
  /** Shortens a number of repetitions where the run is to be quick. */
  of(repetitions: number): number;
}

/** A part of the benchmarks: what it takes figures of, in rooms of its own. */
export interface Part {
  readonly name: string;
  readonly about: string;
  /** Whether it only runs when it is asked for by name. */
  readonly onlyByName?: true;
  run(effort: Effort): Promise<Row[]>;
}
