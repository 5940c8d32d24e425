import { cut } from "../../capabilities/report/words";
import type { Json } from "../../capabilities/kube/object";
import type { Flags } from "../read-flags";
import type { Column } from "./listing";
import { ageText, MOST_OF_VALUE, NOTHING, shortField, valueText } from "./values";

/** The column that tells clusters apart, where several may be meant. */
export function contextColumns<Row>(
  { context }: Pick<Flags, "context">,
  textOf: (row: Row) => string,
): Column<Row>[] {
  return context.length > 0 ? [{ title: "CONTEXT", text: textOf }] : [];
}

/** A value of the chart or of the object. @param hasValue whether a row is about one */
export function valueColumn<Row>(
  title: string,
  valueOf: (row: Row) => Json | undefined,
  hasValue: (row: Row) => boolean = () => true,
): Column<Row> {
  return {
    title,
    text: (row, isWide) => {
      const text = hasValue(row) ? valueText(valueOf(row)) : "";
      return isWide ? text : cut(text, MOST_OF_VALUE);
    },
  };
}

/** Where in an object something is. */
export function fieldIn(field: string, isWide: boolean): string {
  return isWide ? field : shortField(field);
}

/** When something was. */
export function whenColumn<Row>(sinceOf: (row: Row) => string | undefined): Column<Row> {
  return {
    title: "WHEN",
    text: (row, isWide) => (isWide ? (sinceOf(row) ?? NOTHING) : ageText(sinceOf(row))),
  };
}
