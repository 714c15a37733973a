import { z } from "zod";

/*
 * Lengths of texts in Sentinel's bodies. Published are those of watchlists (display name and alias: 3 to 64 characters,
 * alphanumeric ends), of tasks, comments and automation rules, which stand where they are read. The others here are
 * guesses that leave room for every described use.
 */

const LABEL_MAX = 256;
const TITLE_MAX = 512;
const PROSE_MAX = 5000;
const ETAG_MAX = 128;

/** A name, an address, a label of a few words. */
export const Label = z.string().max(LABEL_MAX);
/** One line that must not be empty. */
export const Title = z.string().min(1).max(TITLE_MAX);
/** A few paragraphs. */
export const Prose = z.string().max(PROSE_MAX);
/** The version that a write expects. */
export const Etag = z.string().max(ETAG_MAX).nullish();
/** Name and alias of a watchlist. Source: Microsoft Learn, "Create watchlists". */
export const WATCHLIST_NAME = /^[a-z0-9].{1,62}[a-z0-9]$/is;
