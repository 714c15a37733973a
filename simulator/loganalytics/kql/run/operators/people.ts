import { ask, database, table } from "../../testing/harness";

const people = table("People", "name:string team:string age:long", [
  ["ann", "red", 30],
  ["bob", "blue", 25],
  ["cid", "red", null],
  ["dee", "", 41],
]);

const teams = table("Teams", "team:string boss:string name:string", [
  ["red", "rosa", "Reds"],
  ["blue", "ben", "Blues"],
  ["green", "gus", "Greens"],
]);

/** Four people and three teams; one person has no age, one no team, one team no people. */
export const peopleAndTeams = database([people, teams]);

/** Names of the columns that a query over them gives. */
export async function columnNames(query: string): Promise<string[]> {
  return (await ask(query, peopleAndTeams)).columns.map((column) => column.name);
}
