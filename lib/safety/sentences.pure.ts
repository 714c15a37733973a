import type { DecoyKind, PolicyObjection, Reader, ReaderClient } from "./facts.pure";

/* What the safety check says to a person. No sentence holds the name of an object. */

export const SENTENCES = {
  keyInstead: "A honeytoken key is planted instead.",
  plantKey: "Plant a key: what loads an application's settings does not load keys.",
  plantSecret: "Plant a secret instead.",
  otherKind: (kind: DecoyKind) =>
    `Plant a ${kind === "secret" ? "key" : "secret"}, or accept that risk; every such read then raises an incident until it is excluded.`,
  fixReaders: "Plant a key, wait until the log holds thirty days, or accept the risk.",
  tryLater: "Try again in some minutes.",
  vaultUnknown: (why: string) => `It could not be found out how this vault can be reached and what it allows. ${why}`,
  readersUnknown: (why: string) =>
    `It could not be found out which applications read this vault; one that loads every secret at its start would load a honeytoken secret too. ${why}`,
  fewDays: (days: number) =>
    `The log holds ${days === 1 ? "one day" : `${days} days`} of this vault without a gap, not thirty, so an application that loads every secret when it starts may not have shown itself; it would load a honeytoken secret too.`,
  unreachable: {
    firewall: "The vault's firewall lets only chosen networks in, and a secret can be written over the network only.",
    private:
      "The vault takes connections from its private endpoints only, and a secret can be written over the network only.",
  },
  fixUnreachable:
    "This product never opens a firewall: plant a key, which is made through Azure Resource Manager, or have the vault's owner let in the network that this server calls from and an administrator has named (OUTBOUND_SUBNET_IDS, OUTBOUND_ADDRESSES, PRIVATE_ENDPOINT_SCOPES).",
  throughArm:
    "The vault's network does not let this server in, so the key is made through Azure Resource Manager, which leaves an existing key alone.",
  accessPoliciesFull:
    "The vault has nearly as many access policies as Azure allows (1,024). One more for the planting identity could take the last place from an application that needs it.",
  fixAccessPolicies: "Take out access policies that nobody needs, or move the vault to roles.",
  roleAssignmentsFull:
    "The subscription has nearly as many role assignments as Azure allows (4,000). One more for the planting identity could take the last place from a deployment that needs it.",
  fixRoleAssignments: "Take out role assignments that nobody needs.",
  assignmentsUnknown: "It could not be found out how near the subscription is to Azure's limit of role assignments.",
  throttled: (days: number) =>
    `On ${days} of the last seven days this vault turned applications away because it got too many calls; ours would take more of what they need.`,
  fixThrottled: "Let the vault's owner lower the load, for example by caching what is read, then plant.",
  fixPolicy: "Ask the policy's owner for an exemption for this vault, or plant the other kind.",
  policiesUnknown: (why: string) =>
    `It could not be found out whether a policy forbids the honeytoken; if one does, the planting fails and leaves nothing behind. ${why}`,
  purgeProtected: (days: number) =>
    `The vault keeps what is deleted for ${days} days and allows no purge: a removed honeytoken blocks its name for that time.`,
  noSoftDelete: "What is deleted from this vault is gone at once.",
} as const;

/** What the client is known to be like; the words follow "when it starts" or "reads". */
const LIKE: Readonly<Record<ReaderClient, string>> = {
  aspnet: ", as ASP.NET Core's Key Vault configuration provider does",
  spring: ", as Spring's Key Vault property source does",
  synchroniser: ", as an agent that copies secrets into a cluster does",
  script: ", as a script or pipeline does that goes through the whole list",
  unknown: "",
};

/** The pattern of use that a decoy would disturb. */
export function readerSentence({ caller, kind, pattern, client }: Reader): string {
  const id = caller === "" ? "without an object id in the log" : `object id ${caller}`;
  const who = `An application (${id})`;
  const like = LIKE[client];
  switch (pattern) {
    case "everything":
      return client === "unknown" || client === "aspnet" || client === "spring"
        ? `${who} loads every ${kind} of this vault when it starts${like}; a honeytoken ${kind} would be read at every start, and a disabled or expired one could keep it from starting.`
        : `${who} lists this vault and reads every ${kind}${like}; a honeytoken ${kind} would be read each time.`;
    case "some":
      return `${who} lists the ${kind}s of this vault and reads several, chosen by something that the log does not show${like}; a honeytoken ${kind} could be among them.`;
    case "backup":
      return `A backup job (${id}) copies every ${kind} of this vault; a honeytoken ${kind} would be copied, and raise an incident, with each run.`;
    case "prefix":
      return `${who} reads the ${kind}s of this vault whose names begin alike${like}; a honeytoken's name keeps away from that.`;
  }
}

/** What a policy has against the decoy. */
export function objectionSentence({ policy, kind, verdict, about }: PolicyObjection): string {
  const looks = about.length > 0 ? ` It looks at ${about.join(", ")}.` : "";
  return verdict === "denies"
    ? `The policy "${policy}" refuses a ${kind} as the honeytoken would be.${looks}`
    : `The policy "${policy}" may refuse the honeytoken ${kind}; if it does, the planting fails and leaves nothing behind.${looks}`;
}

/** A risk that a person takes. */
export function acceptingSentence(sentence: string): string {
  return `Accepted risk: ${sentence}`;
}
