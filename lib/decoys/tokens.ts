/** How the words of a name are joined and cased. */
export type Style = "kebab" | "train" | "upperKebab" | "pascal" | "camel" | "flat" | "upperFlat";

/** The words of an object name, lower case, in order: `OrdersDb-Password2` gives orders, db, password, 2. */
export function tokensOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1-$2")
    .replaceAll(/([A-Za-z])(\d)/g, "$1-$2")
    .replaceAll(/(\d)([A-Za-z])/g, "$1-$2")
    .toLowerCase()
    .split("-")
    .filter(Boolean);
}

/** The style of one name. A single word says little and counts as flat. */
export function styleOf(name: string): Style {
  if (name.includes("-")) {
    if (name === name.toLowerCase()) return "kebab";
    return name === name.toUpperCase() ? "upperKebab" : "train";
  }
  if (name === name.toLowerCase()) return "flat";
  if (name === name.toUpperCase()) return "upperFlat";
  return /^[A-Z]/.test(name) ? "pascal" : "camel";
}

/** Writes words in a style. */
export function render(tokens: readonly string[], style: Style): string {
  const capital = tokens.map((token) => token.charAt(0).toUpperCase() + token.slice(1));
  switch (style) {
    case "kebab":
      return tokens.join("-");
    case "upperKebab":
      return tokens.join("-").toUpperCase();
    case "train":
      return capital.join("-");
    case "pascal":
      return capital.join("");
    case "camel":
      return [tokens[0] ?? "", ...capital.slice(1)].join("");
    case "flat":
      return tokens.join("");
    case "upperFlat":
      return tokens.join("").toUpperCase();
  }
}

/** Names of environments as they occur in resource and secret names. */
const ENVIRONMENTS = new Set(
  "dev develop development test tst qa uat sit int stg stage staging preprod prep prod prd production live nonprod sandbox sbx dr".split(
    " ",
  ),
);

export function isEnvironment(token: string): boolean {
  return ENVIRONMENTS.has(token);
}

/** Words that say what kind of credential a name holds; a run of them at the end is the name's tail. */
const CREDENTIALS = new Set(
  "password passwd pwd pass secret key keys token connection conn connstr connectionstring connstring string cs dsn credential credentials cred creds api apikey access sas client clientsecret signing encryption cmk kek dek hmac jwt webhook url uri endpoint username user login id cert certificate pfx pem passphrase salt primary secondary".split(
    " ",
  ),
);

export function isCredential(token: string): boolean {
  return CREDENTIALS.has(token);
}

export function isNumber(token: string): boolean {
  return /^\d+$/.test(token);
}
