/** A problem with one field of a form; `field` is a path such as `urls.sse` or `headers`. */
export interface FieldProblem {
  field: string;
  message: string;
  hint?: string;
}
