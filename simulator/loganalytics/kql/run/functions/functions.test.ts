import { describe, expect, it } from "vitest";
import { database, expectValues, rowsOf, table } from "../../testing/harness";

describe("text functions", () => {
  it("cut, join and search text", () =>
    expectValues({
      "strcat('a', 1, true, 2.0, 1h)": "a1true2.001:00:00",
      "strcat_delim('-', 'a', 1, 'b')": "a-1-b",
      "strlen('hêllo')": 5,
      "substring('abcdefg', 1, 2)": "bc",
      "substring('123456', 1)": "23456",
      "substring('ABCD', -2, 2)": "CD",
      "split('aa_bb_cc', '_')": ["aa", "bb", "cc"],
      "split('aaa_bbb_ccc', '_', 1)": ["bbb"],
      "split('', '_')": [""],
      "split('a__b', '_')": ["a", "", "b"],
      "split('aabbcc', 'bb')": ["aa", "cc"],
      "trim('--', '--https://x--')": "https://x",
      "trim(@'[^\\w]+', '- Te st1// $')": "Te st1",
      "trim_start('https://', 'https://www.x')": "www.x",
      "trim_end(@'\\.com', 'bing.com')": "bing",
      "tolower('HELLO')": "hello",
      "toupper('hello')": "HELLO",
      "reverse('abc')": "cba",
      "replace_string('A magic trick', 'magic', 'x\\\\1')": "A magic trick".replace("magic", () => "x\\1"),
      "replace_regex('Number is 1', @'is (\\d+)', @'was: \\1')": "Number was: 1",
      "indexof('abcdefg', 'cde')": 2,
      "indexof('abcdefg', 'cde', 1, 4)": 2,
      "indexof('abcdefg', 'cde', 1, 2)": -1,
      "indexof('abcdabcd', 'ab', 1)": 4,
      "indexof('abcdefg', 'X')": -1,
      "countof('The cat sat on the mat', 'at')": 3,
      "countof('The cat sat on the mat', @'\\b.at\\b', 'regex')": 3,
      "countof('aaaa', 'aa')": 3,
      "isempty('')": true,
      "isempty(' ')": false,
      "isnotempty('x')": true,
      "isempty(dynamic(null))": true,
      "strcmp('abc', 'abd')": -1,
      "strrep('ab', 3, '-')": "ab-ab-ab",
    }));

  it("extract by RE2, whatever the engine beneath", () =>
    expectValues({
      "extract('x=([0-9.]+)', 1, 'hello x=45.6|wo')": "45.6",
      "extract('x=([0-9.]+)', 1, 'hello x=45.6|wo', typeof(real))": 45.6,
      "extract('x=([0-9.]+)', 1, 'nothing')": "",
      "extract('x=([0-9]+)', 1, 'nothing', typeof(long))": null,
      "extract('(?i)ABC(?-i)d', 0, 'xabcd')": "abcd",
      "extract_all(@'(\\d+)', 'a set of numbers: 123, 567')": ["123", "567"],
      "extract_all(@'(\\w)(\\d)', 'a1 b2')": [
        ["a", "1"],
        ["b", "2"],
      ],
      "extract_all(@'(\\w)(\\d)', dynamic([2]), 'a1 b2')": ["1", "2"],
      "'aXb' matches regex 'a.b'": true,
    }));

  it("decode and take apart", () =>
    expectValues({
      "url_decode('https%3a%2f%2fwww.bing.com%2f')": "https://www.bing.com/",
      "url_encode('a b/c')": "a%20b%2Fc",
      "base64_encode_tostring('Kusto')": "S3VzdG8=",
      "base64_decode_tostring('S3VzdG8=')": "Kusto",
      "base64_decode_tostring('no base64')": "",
      "hash_sha256('World')": "78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524",
      "hash('World', 100)": 51,
      "hash(datetime(2015-01-01), 1000)": 202,
      "tostring(parse_url('scheme://username:password@host:1234/this/is/a/path?k1=v1&k2=v2#fragment').Path)":
        "/this/is/a/path",
      "tostring(parse_url('https://h/p?k1=v1&k2=v2')['Query Parameters'].k2)": "v2",
      "tostring(parse_path(@'C:\\temp\\file.txt').Filename)": "file.txt",
      "ipv4_is_private('10.1.2.3')": true,
      "ipv4_is_private('192.168.2.1/24')": true,
      "ipv4_is_private('208.1.2.3')": false,
      "ipv4_is_private('no ip')": null,
      "ipv4_is_match('192.168.1.1/24', '192.168.1.255')": true,
      "ipv4_is_match('127.0.0.1', '192.168.1.1')": false,
      "ipv4_is_in_range('192.168.1.6', '192.168.1.1/24')": true,
    }));
});

describe("dynamics", () => {
  it("give null for what is not there", () =>
    expectValues({
      "dynamic({'a':{'b':[10,20]}}).a.b[1]": 20,
      "dynamic({'a':1}).b": null,
      "dynamic({'a':1}).b.c": null,
      "dynamic({'a':1})['a']": 1,
      "dynamic([1,2,3])[-1]": 3,
      "dynamic([1,2,3])[7]": null,
      'parse_json(\'{"a": {"b": 1}}\').a.b': 1,
      "parse_json('no json')": "no json",
      "parse_json('')": null,
      "todynamic('[1, 2]')[1]": 2,
      'toint(parse_json(\'{"n":"5"}\').n)': 5,
      "isnull(parse_json('{}').x)": true,
      "isnotnull(parse_json('{\"x\":0}').x)": true,
      "parse_json('{\"__proto__\":1}').toString": null,
    }));

  it("work on arrays and bags", () =>
    expectValues({
      "pack('a', 1, 'b', 'x')": { a: 1, b: "x" },
      "bag_pack('t', datetime(2026-01-01))": { t: "2026-01-01T00:00:00.0000000Z" },
      "pack_array(1, 'a', true)": [1, "a", true],
      "bag_keys(dynamic({'b':1,'a':2}))": ["b", "a"],
      "bag_merge(dynamic({'a':1,'b':2}), dynamic({'b':3,'c':4}))": { a: 1, b: 2, c: 4 },
      "bag_has_key(dynamic({'a':1}), 'a')": true,
      "array_length(dynamic([1,2,3]))": 3,
      "array_length(dynamic({'a':1}))": null,
      "array_concat(dynamic([1]), dynamic([2,3]))": [1, 2, 3],
      "array_index_of(dynamic(['a','b']), 'b')": 1,
      "array_sort_asc(dynamic(['b',null,'a']))": ["a", "b", null],
      "array_sort_desc(dynamic([1,3,2]))": [3, 2, 1],
      "array_slice(dynamic([1,2,3,4]), 1, 2)": [2, 3],
      "array_slice(dynamic([1,2,3,4]), -2, -1)": [3, 4],
      "strcat_array(dynamic([1,'a']), '->')": "1->a",
      "set_union(dynamic([1,2]), dynamic([2,3]))": [1, 2, 3],
      "set_intersect(dynamic([1,2,3]), dynamic([2,3,4]))": [2, 3],
      "set_difference(dynamic([1,2,3]), dynamic([2]))": [1, 3],
      "set_has_element(dynamic(['a','b']), 'b')": true,
      "array_sum(dynamic([1,2,3]))": 6,
    }));
});

describe("choices", () => {
  it("pick by condition, a null condition counting as false", () =>
    expectValues({
      "iff(1 < 2, 'yes', 'no')": "yes",
      "iif(bool(null), 1, 2)": 2,
      "case(1 > 2, 'a', 2 > 1, 'b', 'c')": "b",
      "case(1 > 2, 'a', 'c')": "c",
      "coalesce(tolong('x'), tolong('42'), 7)": 42,
      "coalesce('', 'b')": "b",
      "isnull(long(null))": true,
      "isnull('')": false,
    }));
});

describe("row functions", () => {
  const numbered = database([
    table("T", "g:string n:long", [
      ["a", 1],
      ["a", 2],
      ["b", 3],
      ["b", 5],
    ]),
  ]);

  it("look at the rows around", async () => {
    expect(
      await rowsOf(
        `T | serialize Row = row_number(), Sum = row_cumsum(n, g != prev(g)), Before = prev(n), After = next(n, 1, -1)
           | extend Anew = row_number(1, prev(g) != g)`,
        numbered,
      ),
    ).toEqual([
      ["a", 1, 1, 1, null, 2, 1],
      ["a", 2, 2, 3, 1, 3, 2],
      ["b", 3, 3, 3, 2, 5, 1],
      ["b", 5, 4, 8, 3, -1, 2],
    ]);
  });

  it("count positions, not objects, when the same row comes twice", async () => {
    expect(
      await rowsOf("union T, T | where g == 'b' | serialize i = row_number(), p = prev(n) | project n, i, p", numbered),
    ).toEqual([
      [3, 1, null],
      [5, 2, 3],
      [3, 3, 5],
      [5, 4, 3],
    ]);
  });

  it("pack all columns of a row", async () => {
    expect(await rowsOf("T | take 1 | extend All = pack_all() | project All", numbered)).toEqual([[{ g: "a", n: 1 }]]);
  });
});
