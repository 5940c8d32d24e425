/** One line of the table. */
export interface Row {
  measure: string;
  /** The target; absent if the figure is only reported. */
  target?: string;
  figure: string;
  isMet?: boolean;
}

/** How thorough a run is. */
export interface Effort {
  /** Reduces a number of repetitions if the run is to be quick. */
  of(repetitions: number): number;
}

/** A part of the benchmarks: what it measures, on its own testbeds. */
export interface Part {
  readonly name: string;
  readonly about: string;
  /** Whether it runs only if it is asked for by name. */
  readonly onlyByName?: true;
  run(effort: Effort): Promise<Row[]>;
}
