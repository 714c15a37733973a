/*
 * The bench's own words. A test holds them apart from those of the generator and of the simulated tenant, so that a
 * generator can be good here only by learning from the vaults.
 */
const list = (text: string): readonly string[] => text.trim().split(/\s+/);

/** What applications of an estate are about. */
export const SUBJECTS = list(`
  voucher tariff roster dispatch permit docket manifest parcel freight wharf ferry tram depot meter turbine valve boiler
  clinic triage ward pharmacy dosage imaging tutor exam campus visa embassy census ballot zoning parking toll fleet tyre
  chassis forecast radar sensor harvest silo dairy bakery menu kitchen banquet hotel lodging stadium arena playlist
  podcast subtitle newsroom quote hedge swap bond equity margin premium underwriter actuary mortgage lease badge
  turnstile elevator geodata mosaic atlas compass harbor lantern quarry cobalt granite juniper falcon heron otter lynx
  bison marten osprey kestrel plover rowan aspen cedar tundra fjord delta estuary glacier comet nebula quasar pulsar
  vortex prism helix lattice vector tensor matrix cipher ledgerline remit payout chargeback basket coupon wishlist
  giftcard refund checkout storefront shelf planogram barcode pallet forklift manufactory lathe weld assembly recall
  warranty claimant adjuster broking tender bidding auction donor charity volunteer museum gallery theatre choir recipe
  allergen nutrition fitness wellness therapy dental optical genome assay reagent specimen biopsy vaccine ambulance`);

/** Further words inside a name. */
export const QUALIFIERS = list(`
  intranetwork inbound outbound shared central regional nightly hourly realtime readonly upstream downstream partnernet
  frontend backend core lite plus ext mgmt ops jobrun cron stream cdc olap oltp vnext classic`);

/** What sort of thing a name holds, as last words; the weights come with the vault. */
export const SORTS: readonly (readonly string[])[] = [
  ["passcode"],
  ["bearer"],
  ["psk"],
  ["keytab"],
  ["pepper"],
  ["seed"],
  ["licence"],
  ["pat"],
  ["openid"],
  ["otp"],
  ["cookie"],
  ["challenge"],
  ["upn"],
  ["principal"],
  ["truststore", "pin"],
  ["keystore", "pin"],
  ["ssh", "private"],
  ["jdbc"],
  ["amqp"],
  ["odbc"],
  ["wsfed", "shared"],
  ["hook", "verifier"],
  ["mongo"],
  ["nats", "sasl"],
  ["grpc", "bearer"],
];

/** The same for keys. */
export const KEY_SORTS: readonly (readonly string[])[] = [
  ["rewrap"],
  ["sealing"],
  ["signer"],
  ["tde"],
  ["envelope"],
  ["attestation"],
  ["cell", "sealing"],
];

export const STAGES = list("acc rel perf trn alpha beta gamma hml tno ota euw nam apc blue green");

/** First parts of sectioned names, as frameworks and vendors are called. */
export const SECTION_HEADS = list(
  "Serilog Hangfire Quartz Polly Dapr Orleans Vonage Nexmo Mollie Okta Jira Mapbox Algolia Sendgrid Klarna Docusign Zendesk Hubspot",
);

export const ROOTS = list("com io net org eu de nl");

export const SYLLABLES = list(
  "ba be bo ca ce co da di do fa fe fi ga go ha he ja jo ka ki ko la le li lo ma me mi mo na ne no pa pe po ra re ri ro sa se si so ta te ti to va ve vi vo wa we xa xe ya yo za ze zo",
);

export const CONTENT_TYPES = list(
  "text/plain application/json base64 string opaque text application/octet-stream plaintext text/x-properties json utf8",
);

export const TAG_KEYS = {
  constant: list("squad costcentre managedBy dataClass bu criticality zone"),
  subject: list("workload component product"),
  ticket: list("change ticketRef request"),
  date: list("rotatedOn reviewedOn lastChange"),
  person: list("responsible steward"),
};

export const TAG_VALUES = list(
  "terraform bicep pulumi ansible gold silver bronze c1 c2 c3 high medium low yes retail corp k100 k210 k340 k777",
);

export const PEOPLE = list("ines marek yuki olga samir greta paulo nadia erik chen fatou bruno");
