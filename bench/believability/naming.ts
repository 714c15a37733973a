import type { Dice } from "./dice";
import { KEY_SORTS, QUALIFIERS, ROOTS, SECTION_HEADS, SORTS, STAGES, SUBJECTS, SYLLABLES } from "./words";

type Form = "kebab" | "pascal" | "camel" | "dotted" | "upper" | "flat" | "sections";

/** What the teams of one estate talk about. */
export interface Vocabulary {
  company: string;
  root: string;
  teams: { short: string; subjects: readonly string[] }[];
}

/** How the people of one vault write names. */
export interface Manner {
  form: Form;
  company: string;
  root: string;
  team: string;
  prefixed: boolean;
  stage: { word: string; side: "first" | "last" } | undefined;
  sortFirst: boolean;
  /** Share of names with a further word, and with a number. */
  qualified: number;
  numbered: number;
  /** How readily a new name is about something new. */
  fresh: number;
  subjects: readonly string[];
  sorts: readonly (readonly string[])[];
  keySorts: readonly (readonly string[])[];
  heads: readonly string[];
}

const FORMS: readonly Form[] = [
  "kebab",
  "kebab",
  "kebab",
  "pascal",
  "pascal",
  "dotted",
  "upper",
  "flat",
  "camel",
  "sections",
];

/** The words of an estate with `teamCount` teams; neighbouring teams share some subjects. */
export function drawVocabulary(dice: Dice, teamCount: number): Vocabulary {
  const invented = Array.from({ length: 40 }, () => coined(dice));
  const common = dice.some([...SUBJECTS, ...invented], 20);
  const teams = Array.from({ length: teamCount }, () => ({
    short: dice.chance(0.5) ? coined(dice).slice(0, 4) : dice.one(SUBJECTS),
    subjects: [...dice.some([...SUBJECTS, ...invented], 60), ...dice.some(common, 12)],
  }));
  return { company: coined(dice), root: dice.one(ROOTS), teams };
}

function coined(dice: Dice): string {
  return Array.from({ length: dice.whole(2, 3) }, () => dice.one(SYLLABLES)).join("");
}

/** A vault's manner: mostly as its team writes, sometimes its own. */
export function drawManner(dice: Dice, vocabulary: Vocabulary, team: Vocabulary["teams"][number], house: Dice): Manner {
  const houseForm = house.fork("form").one(FORMS);
  return {
    form: dice.chance(0.55) ? houseForm : dice.one(FORMS),
    company: vocabulary.company,
    root: vocabulary.root,
    team: team.short,
    prefixed: dice.chance(0.3),
    stage: dice.chance(0.45) ? { word: dice.one(STAGES), side: dice.chance(0.4) ? "first" : "last" } : undefined,
    sortFirst: dice.chance(0.06),
    qualified: dice.one([0, 0.15, 0.3, 0.5]),
    numbered: dice.one([0, 0, 0, 0.15, 0.6]),
    fresh: dice.logBetween(15, 150),
    subjects: dice.some(team.subjects, dice.whole(25, 60)),
    sorts: dice.some(SORTS, dice.whole(2, 7)),
    keySorts: dice.some(KEY_SORTS, dice.whole(1, 3)),
    heads: dice.some(SECTION_HEADS, dice.whole(2, 7)),
  };
}

/** What a name is made of, before it is written. */
export interface Wording {
  subject: string;
  qualifier: string | undefined;
  sort: readonly string[];
  number: number | undefined;
}

/** The next name's content: about one of `used` the likelier the oftener it was used, or about something new. */
export function drawWording(dice: Dice, manner: Manner, kind: "secret" | "key", used: readonly string[]): Wording {
  const again = used.length > 0 && dice.next() < used.length / (used.length + manner.fresh);
  return {
    subject: again ? dice.one(used) : dice.one(manner.subjects),
    qualifier: dice.chance(manner.qualified) ? dice.one(QUALIFIERS) : undefined,
    sort: dice.one(kind === "key" ? manner.keySorts : manner.sorts),
    number: dice.chance(manner.numbered) ? dice.whole(1, 9) : undefined,
  };
}

/** Writes a name. In a vault of sections keys and every third secret, for pipelines, are written plainly. */
export function written(dice: Dice, manner: Manner, kind: "secret" | "key", wording: Wording): string {
  const { subject, qualifier, sort, number } = wording;
  const core = manner.sortFirst ? [...sort, subject] : [subject, ...sort];
  const words = [...(qualifier === undefined ? [] : [qualifier]), ...core];
  if (manner.sortFirst || dice.chance(0.5)) words.push(...words.splice(0, qualifier === undefined ? 0 : 1));
  const digits = number === undefined ? [] : [String(number).padStart(2, "0")];
  if (manner.form === "sections" && kind === "secret" && dice.chance(0.5)) {
    return `${dice.one(manner.heads)}--${words.map(capital).join("")}`;
  }
  const { stage } = manner;
  const parts = [
    ...(stage?.side === "first" ? [stage.word] : []),
    ...(manner.prefixed ? [manner.team] : []),
    ...words,
    ...digits,
    ...(stage?.side === "last" ? [stage.word] : []),
  ];
  switch (manner.form) {
    case "kebab":
      return parts.join("-");
    case "dotted":
      return [manner.root, manner.company, ...parts].join("-");
    case "upper":
      return parts.join("-").toUpperCase();
    case "flat":
      return parts.join("");
    case "camel":
      return parts.map((part, index) => (index === 0 ? part : capital(part))).join("");
    default:
      return parts.map(capital).join("");
  }
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
