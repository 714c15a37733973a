/** How a Fluent field shows what is wrong with it; nothing while nothing is. */
export function fieldProblem(problem: string | undefined) {
  return problem === undefined ? {} : { validationMessage: problem, validationState: "error" as const };
}
