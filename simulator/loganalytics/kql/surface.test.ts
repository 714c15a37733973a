import { describe, expect, it } from "vitest";
import { ask, at, database, expectValues, printed, rowsOf, table } from "./testing/harness";
import { HOUR } from "./values/time";

const noon = at("2026-09-15T12:00:00Z");
const hours = (count: number) => noon - count * HOUR;

const log = database([
  table(
    "T",
    "TimeGenerated:datetime k:string n:long d:dynamic",
    [
      [hours(5), "a", 1, [1, 2, 3]],
      [hours(4), "b", 2, [3, null, 5]],
      [hours(3), "a", 3, { x: 1 }],
      [hours(1), "c", null, null],
    ],
    { timeColumn: "TimeGenerated" },
  ),
  table("T2", "TimeGenerated:datetime k:string", [[hours(2), "a"]], { timeColumn: "TimeGenerated" }),
  table("U", "k:string v:string", [
    ["a", "apple pie"],
    ["b", "bee"],
    ["z", "zed"],
  ]),
]);

const rows = (query: string) => rowsOf(query, log);

describe("make-series", () => {
  it("gives each group an array over the same steps, with a default where there are no rows", async () => {
    const series = "T | make-series c = count(), avg(n) default=-1 on TimeGenerated from ago(6h) to now() step 1h by k";
    expect(await rows(`${series} | project k, c, avg_n`)).toEqual([
      ["a", [0, 1, 0, 1, 0, 0], [-1, 1, -1, 3, -1, -1]],
      ["b", [0, 0, 1, 0, 0, 0], [-1, -1, 2, -1, -1, -1]],
      ["c", [0, 0, 0, 0, 0, 1], [-1, -1, -1, -1, -1, null]],
    ]);
    expect(await rows("T | make-series c = sum(n) on TimeGenerated in range(ago(3h), now(), 1h) | project c")).toEqual([
      [[3, 0, 0, 0]],
    ]);
    expect(await rows("T | make-series c = count() on TimeGenerated step 1h | project c")).toEqual([[[1, 1, 1, 0, 1]]]);
    const none =
      "T | where false | make-series kind=nonempty c = count() on TimeGenerated from ago(2h) to now() step 1h";
    expect(await rows(`${none} | project c`)).toEqual([[[0, 0]]]);
  });

  it("is expanded back into rows by mv-expand", async () => {
    const query = `T | make-series c = count() on TimeGenerated from ago(3h) to now() step 1h
      | mv-expand c to typeof(long), TimeGenerated to typeof(datetime) | where c > 0`;
    expect(await rows(query)).toEqual([
      [1, hours(3)],
      [1, hours(1)],
    ]);
  });
});

describe("functions of series", () => {
  it("fill gaps, compute element by element, and fit a line", async () => {
    await expectValues({
      "series_fill_linear(dynamic([1, null, 3, null]))": [1, 2, 3, 3],
      "series_fill_linear(dynamic([null, 2]), real(null), false)": [null, 2],
      "series_fill_forward(dynamic([1, null, 3]))": [1, 1, 3],
      "series_fill_backward(dynamic([null, 2, null]))": [2, 2, null],
      "series_fill_const(dynamic([1, null]), 0)": [1, 0],
      "series_add(dynamic([1, 2]), dynamic([3, 4]))": [4, 6],
      "series_multiply(dynamic([1, 2]), 3)": [3, 6],
      "series_greater(dynamic([1, 5]), dynamic([3, 3]))": [false, true],
      "series_divide(dynamic([1, 2]), dynamic([0, 2]))": [null, 1],
      "series_sum(dynamic([1, null, 2]))": 3,
      "series_dot_product(dynamic([1, 2]), dynamic([3, 4]))": 11,
      "series_pearson_correlation(dynamic([1, 2, 3]), dynamic([2, 4, 6]))": 1,
      "series_abs(dynamic([-1, 2]))": [1, 2],
      "toreal(series_fit_line_dynamic(dynamic([1, 3, 5])).slope)": 2,
    });
  });

  it("of several results become several columns, named as the service names them", async () => {
    const { columns, rows: found } = await ask(
      "print d = dynamic([2, 4, 6]) | extend (r, slope) = series_fit_line(d), s = 1",
    );
    expect(columns.map((column) => column.name).slice(1, 3)).toEqual(["r", "slope"]);
    expect(found[0]?.slice(1, 3)).toEqual([1, 2]);
    const stats = await ask("print d = dynamic([2, 4, 6]) | extend series_stats(d)");
    expect(stats.columns.map((column) => column.name)).toContain("series_stats_d_max_idx");
    expect(stats.rows[0]?.slice(1)).toEqual([2, 0, 6, 2, 4, 2, 4]);
  });
});

describe("operators on parts of a table", () => {
  it("partition runs a subquery per value, and top-nested one level in another", async () => {
    expect(await rows("T | partition by k (top 1 by n | project k, n)")).toEqual([
      ["a", 3],
      ["b", 2],
      ["c", null],
    ]);
    expect(await rows("T | top-nested 2 of k by count(), top-nested 1 of n by max(n)")).toEqual([
      ["a", 2, 3, 3],
      ["b", 1, 2, 2],
    ]);
    expect(await rows("T | top-hitters 1 of k")).toEqual([["a", 2]]);
    expect(await rows("T | top-hitters 2 of k by n")).toEqual([
      ["a", 4],
      ["b", 2],
    ]);
    expect(await rows("T | sample-distinct 9 of k | count")).toEqual([[3]]);
  });

  it("pivot turns values into columns, narrow columns into rows", async () => {
    const { columns, rows: found } = await ask(
      "T | project k, n | where isnotnull(n) | evaluate pivot(k, sum(n))",
      log,
    );
    expect(columns.map((column) => column.name)).toEqual(["a", "b"]);
    expect(found).toEqual([[4, 2]]);
    expect(await rows("U | take 1 | evaluate narrow()")).toEqual([
      [0, "k", "a"],
      [0, "v", "apple pie"],
    ]);
    const declared = "print d = dynamic({'x': 1, 'z': 'q'}), y = 2 | evaluate bag_unpack(d) : (*, z: string, w: long)";
    expect(await rows(declared)).toEqual([[2, "q", null]]);
  });

  it("mv-apply takes limits, positions, types and several arrays", async () => {
    expect(await rows("T | mv-apply x = d to typeof(long) limit 2 on (where x > 1) | project k, x")).toEqual([
      ["a", 2],
      ["b", 3],
    ]);
    expect(
      await rows(
        "T | mv-apply with_itemindex=i x = d to typeof(long) on (top 1 by x) | where isnotnull(x) | project x, i",
      ),
    ).toEqual([
      [3, 2],
      [5, 2],
    ]);
    expect(
      await rows(
        "print a = dynamic([1, 2]), b = dynamic(['x']) | mv-apply a to typeof(long), b to typeof(string) on (summarize s = sum(a), l = make_list(b))",
      ),
    ).toEqual([[3, ["x", ""]]]);
  });
});

describe("search and wildcards", () => {
  it("finds terms in any column of the tables named, or of all", async () => {
    expect(await rows("search in (T, U) 'apple' | project $table, v")).toEqual([["U", "apple pie"]]);
    expect(await rows("search 'a' | summarize count() by $table | sort by $table asc")).toEqual([
      ["T", 2],
      ["T2", 1],
      ["U", 1],
    ]);
    expect(await rows("T | search k == 'b' or 'z*' | count")).toEqual([[1]]);
    expect(await rows("search in (U) k: 'a' and 'pi*' | count")).toEqual([[1]]);
    expect(await rows("search kind=case_sensitive in (U) 'Apple' | count")).toEqual([[0]]);
    expect(await rows("U | where * has 'pie' | project k")).toEqual([["a"]]);
  });

  it("names all tables that fit a pattern in union", async () => {
    expect(await rows("union withsource=S T*, U | summarize count() by S | sort by S asc")).toEqual([
      ["T", 4],
      ["T2", 1],
      ["U", 3],
    ]);
    expect(await rows("U | project-keep k* | getschema | project ColumnName")).toEqual([["k"]]);
    expect(await rows("T | project-away T*, d | getschema | project ColumnName")).toEqual([["k"], ["n"]]);
  });
});

describe("functions declared in the query", () => {
  it("take tables and defaults, and are invoked", async () => {
    const f = "let f = (t: (k: string), x: string = 'a') { t | where k == x };";
    expect(await rows(`${f} T | invoke f() | count`)).toEqual([[2]]);
    expect(await rows(`${f} T | invoke f('b') | count`)).toEqual([[1]]);
    expect(await rows(`${f} f(U, 'z')`)).toEqual([["z", "zed"]]);
    expect(await rows("let g = (t: (*)) { t | count }; g(U)")).toEqual([[3]]);
  });
});

describe("taking texts apart", () => {
  it("parse-kv reads keys and values with their delimiters and quotes", async () => {
    const kv = (text: string, more = "") =>
      rows(
        `print s = "${text}" | parse-kv s as (a: long, b: string) with (pair_delimiter = ';', kv_delimiter = '='${more}) | project a, b`,
      );
    expect(await kv("a=1;b=x y")).toEqual([[1, "x y"]]);
    expect(await kv("b='x;a=2';a=1", `, quote = "'"`)).toEqual([[1, "x;a=2"]]);
    expect(await kv("b=x;y;a=1", ", greedy = true")).toEqual([[1, "x;y"]]);
    expect(await kv("c=1")).toEqual([[null, ""]]);
  });

  it("addresses, versions, paths and lists", async () => {
    await expectValues({
      "ipv4_compare('1.2.3.4', '1.2.3.5')": -1,
      "ipv4_compare('1.2.3.4', '1.2.3.5', 24)": 0,
      "ipv4_is_in_any_range('10.1.2.3', dynamic(['192.168.0.0/16', '10.0.0.0/8']))": true,
      "has_ipv4('from 10.1.2.3:80', '10.1.2.3')": true,
      "has_ipv4('from 10.1.2.30', '10.1.2.3')": false,
      "has_any_ipv4_prefix('from 10.1.2.3', '10.1.', '9.')": true,
      "format_ipv4('192.168.1.5', 24)": "192.168.1.0",
      "ipv6_is_match('::1', '0:0:0:0:0:0:0:1')": true,
      "ipv6_is_match('fe80::1/64', 'fe80::2/64')": true,
      "ipv6_is_in_range('10.1.2.3', '10.0.0.0/8')": true,
      "isnull(ipv6_compare('no', '::1'))": true,
      "parse_ipv6('::ffff:1.2.3.4')": "0000:0000:0000:0000:0000:ffff:0102:0304",
      "parse_version('1.2.10') > parse_version('1.2.9')": true,
      "parse_csv('a,\"b,c\",')": ["a", "b,c", ""],
      'extract_json(\'$.a[1].b\', \'{"a": [0, {"b": "x"}]}\')': "x",
      "replace_strings('a-b', dynamic(['a', 'b']), dynamic(['x', 'y']))": "x-y",
      "translate('ab', 'xy', 'aabbc')": "xxyyc",
      "format_bytes(2048)": "2 KB",
      "range(1, 7, 3)": [1, 4, 7],
      "repeat('x', 2)": ["x", "x"],
      "zip(dynamic([1, 2]), dynamic(['a']))": [
        [1, "a"],
        [2, null],
      ],
      "array_split(dynamic([1, 2, 3]), 1)": [[1], [2, 3]],
      "array_rotate_left(dynamic([1, 2, 3]), 1)": [2, 3, 1],
      "array_shift_right(dynamic([1, 2, 3]), 1, 0)": [0, 1, 2],
      "array_iff(dynamic([true, false]), 'y', 'n')": ["y", "n"],
      "bag_zip(dynamic(['a']), dynamic([1]))": { a: 1 },
      "set_equals(dynamic([1, 2]), dynamic([2, 1, 1]))": true,
      "binary_xor(6, 3)": 5,
      "bitset_count_ones(255)": 8,
      "tostring(parse_user_agent('Mozilla/5.0 Chrome/120.0.1 Safari/537', 'browser').Browser.Family)": "Chrome",
    });
  });
});

describe("what the engine lacks", () => {
  it("is refused by its name before anything runs", async () => {
    const cases: Record<string, string> = {
      "T | fork (take 1) (count)": "fork",
      "T | facet by k": "facet",
      "T | consume": "consume",
      "T | reduce by k": "reduce",
      "T | scan with (step a: true;)": "scan",
      "find in (T) where k == 'a'": "find",
      "externaldata(a: string)['https://x']": "externaldata",
      "T | evaluate autocluster()": "autocluster",
      "T | evaluate basket()": "basket",
      "T | evaluate python(typeof(*), 'x')": "python",
      "T | partition by k { U | where k == 'a' }": "partition",
      "print s = 'a=1' | parse-kv s as (a: long)": "parse-kv",
      "T | summarize hll(n)": "hll",
      "T | summarize tdigest(n)": "tdigest",
      "print geo_distance_2points(1.0, 1.0, 1.0, 2.0)": "geo_distance_2points",
      "print geo_info_from_ip_address('1.1.1.1')": "geo_info_from_ip_address",
      "T | summarize percentilew(n, n, 50)": "percentilew",
      "print series_fir(dynamic([1]), dynamic([1]))": "series_fir",
      "T | take 0 | extend x = series_periods_detect(d, 0.0, 5.0, 2)": "series_periods_detect",
    };
    for (const [query, name] of Object.entries(cases)) {
      await expect(rows(query)).rejects.toMatchObject({
        code: "NotSupported",
        message: expect.stringContaining(`'${name}'`),
      });
    }
    await expect(printed("x = parse_user_agent('x', 'nothing')")).rejects.toMatchObject({ code: "NotSupported" });
  });
});
