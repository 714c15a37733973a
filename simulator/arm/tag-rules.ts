import { badRequest } from "./errors";

const TAGS_MAX = 50;
const NAME_MAX = 512;
const VALUE_MAX = 256;

/**
 * The tags, if a resource may carry them. Limits and reserved characters: Microsoft Learn, "Use tags to organize your
 * Azure resources". Names that differ only in case are one tag.
 * @throws AzureError 400 with ARM's code for the rule that is broken.
 */
export function checkTags(tags: Record<string, string>): Record<string, string> {
  const names = Object.keys(tags);
  if (names.length > TAGS_MAX) {
    throw badRequest(`The number of tags '${names.length}' exceeds the maximum of '${TAGS_MAX}'.`, "TooManyTags");
  }
  for (const [name, value] of Object.entries(tags)) {
    if (name === "" || name.length > NAME_MAX)
      throw badRequest(`The tag name '${name}' has an invalid length.`, "InvalidTagName");
    if (/[<>%&\\?/]/.test(name)) {
      throw badRequest(`The tag name '${name}' has reserved characters '<,>,%,&,\\,?,/'.`, "InvalidTagNameCharacters");
    }
    if (value.length > VALUE_MAX)
      throw badRequest(`The value of the tag '${name}' is too long.`, "InvalidTagValueLength");
  }
  if (new Set(names.map((name) => name.toLowerCase())).size < names.length) {
    throw badRequest("Tag names must differ by more than case.", "DuplicateTagName");
  }
  return tags;
}
