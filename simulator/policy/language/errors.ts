/** A rule that Azure would refuse when it is written: the code of the refusal and a sentence. */
export class RuleError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** An expression that fails while a resource is judged. On a write it is an implicit deny, in a scan the state Error. */
export class TemplateError extends Error {}

export function invalidRule(message: string): RuleError {
  return new RuleError("InvalidPolicyRule", message);
}
