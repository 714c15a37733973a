import { describe, expect, it } from "vitest";
import { at, expectValues, printed } from "../../testing/harness";
import { DAY, HOUR, MINUTE, SECOND } from "../../values/time";

describe("numbers", () => {
  it("keep whole numbers whole, and floor bins of negatives", () =>
    expectValues({
      "7 / 2": 3,
      "-7 / 2": -3,
      "7 / 2.0": 3.5,
      "7 / 0": null,
      "-5 % 3": 1,
      "5 % -3": 2,
      "bin(4.5, 1)": 4,
      "bin(-4.5, 1)": -5,
      "bin(37, 10)": 30,
      "bin(-37, 10)": -40,
      "floor(12.7, 5)": 10,
      "ceiling(1.2)": 2,
      "round(2.98765, 3)": 2.988,
      "round(2.5)": 3,
      "round(-2.5)": -3,
      "round(137, -1)": 140,
      "abs(-5)": 5,
      "sqrt(256)": 16,
      "sqrt(-1)": null,
      "pow(2, 3)": 8,
      "log10(1000)": 3,
      "log2(8)": 3,
      "exp(0)": 1,
      "sign(-42)": -1,
      "isnan(0.0 / 0.0)": true,
      "isinf(1.0 / 0.0)": true,
      "min_of(10, 1, -3, 17)": -3,
      "max_of(10, 1, -3, 17)": 17,
      "-(3 + 4) * 2": -14,
    }));

  it("convert, or give null", () =>
    expectValues({
      "tolong('123')": 123,
      "tolong('0x1F')": 31,
      "tolong('abc')": null,
      "tolong('')": null,
      "toint(3.9)": 3,
      "todouble('123.4')": 123.4,
      "toreal('1e3')": 1000,
      "toreal('.5')": 0.5,
      "tobool('true')": true,
      "tobool('False')": false,
      "tobool(123)": true,
      "tobool('abc')": null,
      "tostring(1.0)": "1.0",
      "tostring(5)": "5",
      "tostring(true)": "true",
      "tostring(long(null))": "",
      "tostring(datetime(2026-01-02 03:04:05))": "2026-01-02T03:04:05.0000000Z",
      "tostring(1d + 2h)": "1.02:00:00",
      "tostring(dynamic({'a':[1,'x']}))": '{"a":[1,"x"]}',
      "tostring(dynamic('x'))": "x",
      "toguid('70FC66F7-8279-44FC-9092-D364D70FCE44')": "70fc66f7-8279-44fc-9092-d364d70fce44",
      "todecimal('1.5')": 1.5,
      "gettype(1)": "long",
      "gettype('a')": "string",
      "gettype(dynamic([1]))": "array",
      "gettype(dynamic({'a':1}))": "dictionary",
    }));
});

describe("dates and spans", () => {
  it("compute with microseconds", () =>
    expectValues({
      "datetime(2026-01-01) + 36h": at("2026-01-02T12:00:00Z"),
      "datetime(2026-01-02) - datetime(2026-01-01)": DAY,
      "1h / 30m": 2,
      "1h / 2": 30 * MINUTE,
      "2 * 1h": 2 * HOUR,
      "1.5h": 90 * MINUTE,
      "time(1.02:03:04)": DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND,
      "timespan(2)": 2 * DAY,
      "totimespan('00:05:00')": 5 * MINUTE,
      "totimespan('nonsense')": null,
      "ago(1h)": at("2026-09-15T11:00:00Z"),
      "now()": at("2026-09-15T12:00:00Z"),
      "now(-1d)": at("2026-09-14T12:00:00Z"),
      "now() - ago(5m)": 5 * MINUTE,
      "todatetime('2026-02-29')": null,
      "todatetime('2026-02-28T10:00:00+02:00')": at("2026-02-28T08:00:00Z"),
      "todatetime('Sat, 8 Nov 2014 15:05:02 GMT')": at("2014-11-08T15:05:02Z"),
      "todatetime('12/31/2024 11:59 PM')": at("2024-12-31T23:59:00Z"),
      "make_datetime(2017, 10, 1, 12, 10)": at("2017-10-01T12:10:00Z"),
      "unixtime_seconds_todatetime(1546300800)": at("2019-01-01"),
      "bin(datetime(1970-05-11 13:45:07), 1d)": at("1970-05-11"),
      "bin(datetime(2026-09-15 11:59), 7d)": at("2026-09-14"),
      "bin(16d, 7d)": 14 * DAY,
    }));

  it("know the calendar", () =>
    expectValues({
      "startofday(datetime(2017-01-01 10:10:17))": at("2017-01-01"),
      "startofday(datetime(2017-01-01 10:10:17), -1)": at("2016-12-31"),
      "startofweek(datetime(2017-01-01 10:10:17))": at("2017-01-01"),
      "startofweek(datetime(2026-09-15))": at("2026-09-13"),
      "startofmonth(datetime(2017-01-31), 1)": at("2017-02-01"),
      "startofyear(datetime(2017-05-05))": at("2017-01-01"),
      "endofday(datetime(2017-01-01 10:10:17))": at("2017-01-02") - 0.25,
      "endofmonth(datetime(2024-02-05))": at("2024-03-01") - 0.25,
      "endofweek(datetime(2026-09-15))": at("2026-09-20") - 0.25,
      "dayofweek(datetime(2015-12-14))": DAY,
      "dayofmonth(datetime(2015-12-14))": 14,
      "dayofyear(datetime(2015-12-14))": 348,
      "hourofday(datetime(2015-12-14 18:54))": 18,
      "monthofyear(datetime(2015-12-14))": 12,
      "getyear(datetime(2015-10-12))": 2015,
      "week_of_year(datetime(2020-12-31))": 53,
      "datetime_part('quarter', datetime(2017-10-30))": 4,
      "datetime_diff('year', datetime(2017-01-01), datetime(2000-12-31))": 17,
      "datetime_diff('quarter', datetime(2017-07-01), datetime(2017-03-30))": 2,
      "datetime_diff('week', datetime(2017-10-29 00:00), datetime(2017-09-30 23:59))": 5,
      "datetime_diff('day', datetime(2017-10-29 00:00), datetime(2017-09-30 23:59))": 29,
      "datetime_diff('hour', datetime(2017-10-31 01:00), datetime(2017-10-30 23:59))": 2,
      "datetime_diff('minute', datetime(2017-10-30 23:05:01), datetime(2017-10-30 23:00:59))": 5,
      "datetime_add('month', 1, datetime(2026-01-31 10:00))": at("2026-02-28T10:00:00Z"),
      "datetime_add('hour', -3, datetime(2026-01-01))": at("2025-12-31T21:00:00Z"),
      "format_datetime(datetime(2017-01-29 09:00:05), 'yy-MM-dd [HH:mm:ss]')": "17-01-29 [09:00:05]",
      "format_datetime(datetime(2017-01-29 15:00:05.123), 'yyyy-M-dd h:mm:ss tt fff')": "2017-1-29 3:00:05 PM 123",
      "format_timespan(time(29.09:00:05.12345), 'dd.hh:mm:ss [FF]')": "29.09:00:05 [12]",
    }));

  it("refuse a unit that does not exist", async () => {
    await expect(printed("datetime_diff('fortnight', now(), now())")).rejects.toThrow(
      /must be one of the values: year/,
    );
  });
});
