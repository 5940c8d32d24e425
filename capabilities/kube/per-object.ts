/** A function that works out its result for each object once, and keeps it as long as the object. The object must not change. */
export function perObject<Given extends object, Result>(
  work: (given: Given) => Result,
): (given: Given) => Result {
  const results = new WeakMap<Given, { readonly result: Result }>();
  return given => {
    const known = results.get(given);
    if (known) return known.result;
    const result = work(given);
    results.set(given, { result });
    return result;
  };
}
