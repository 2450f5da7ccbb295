namespace Chitin.UnitTests.Functions;

/// <summary>Sizes, names, bytes, and date templates.</summary>
public sealed class TemplateTests
{
    [Fact]
    public void Sizes_nulls_and_names() => FunctionCases.Check("""
        pg_size_pretty(10) ⇒ error 42725
        pg_size_pretty(10239) ⇒ error 42725
        pg_size_pretty(10240) ⇒ error 42725
        pg_size_pretty(-10240) ⇒ error 42725
        pg_size_pretty(20971519) ⇒ error 42725
        pg_size_pretty(10485248) ⇒ error 42725
        pg_size_pretty(10485247) ⇒ error 42725
        pg_size_pretty(1000000000) ⇒ error 42725
        pg_size_pretty(1099511627776) ⇒ 1024 GB
        pg_size_pretty(9223372036854775807) ⇒ 8192 PB
        pg_size_pretty(12345678901234567890123.5) ⇒ 10965166 PB
        pg_size_pretty(-12345.6) ⇒ -12 kB
        pg_size_bytes('1 GB') ⇒ 1073741824
        pg_size_bytes('1.5kB') ⇒ 1536
        pg_size_bytes('-2 TB') ⇒ -2199023255552
        pg_size_bytes('1 XB') ⇒ error 22023
        num_nulls(1, NULL, 2) ⇒ 1
        num_nonnulls(1, NULL, 2) ⇒ 2
        num_nulls(VARIADIC '{1,NULL}'::int4[]) ⇒ 1
        parse_ident('"SomeSchema".someTable') ⇒ {SomeSchema,sometable}
        parse_ident('foo.boo[]', false) ⇒ {foo,boo}
        parse_ident('foo.boo[]') ⇒ error 22023
        format_type(23, NULL) ⇒ integer
        format_type(1043, 14) ⇒ character varying(10)
        format_type(1700, 524294) ⇒ numeric(8,2)
        format_type(1009, -1) ⇒ text[]
        format_type(16, -1) ⇒ boolean
        format_type(1184, 3) ⇒ timestamp(3) with time zone
        pg_encoding_to_char(6) ⇒ UTF8
        bit_count('\x1234'::bytea) ⇒ 5
        get_byte('\x1234'::bytea, 1) ⇒ 52
        get_byte('\x1234'::bytea, 5) ⇒ error 2202E
        set_byte('\x1234'::bytea, 0, 64) ⇒ \x4034
        get_bit('\x1234'::bytea, 9) ⇒ 0
        set_bit('\x1234'::bytea, 3, 1) ⇒ \x1a34
        substring('\x123456'::bytea, 2, 1) ⇒ \x34
        overlay('\x123456'::bytea, '\x0000'::bytea, 2) ⇒ \x120000
        btrim('\x00ff00'::bytea, '\x00'::bytea) ⇒ \xff
        '\x12'::bytea || '\x34'::bytea ⇒ \x1234
        convert_from('\xc3a9'::bytea, 'UTF8') ⇒ é
        convert_to('é', 'LATIN1') ⇒ \xe9
        convert_to('€', 'LATIN1') ⇒ error 22P05
        convert_from('\xff'::bytea, 'UTF8') ⇒ error 22021
        length('\xc3a9'::bytea, 'UTF8') ⇒ 1
        unistr('d\0061t\+000061') ⇒ data
        unistr('\zz') ⇒ error 42601
        """);

    [Fact]
    public void Dates_are_formatted_and_read_by_templates() => FunctionCases.Check("""
        to_char('2001-02-16 20:38:40.123456'::timestamp, 'YYYY-MM-DD HH24:MI:SS.US') ⇒ 2001-02-16 20:38:40.123456
        to_char('2001-02-16 20:38:40.123456'::timestamp, 'Day, DD Month YYYY HH12:MI:SS AM') ⇒ Friday   , 16 February  2001 08:38:40 PM
        to_char('2001-02-16 20:38:40'::timestamp, 'FMDay, FMDD FMMonth') ⇒ Friday, 16 February
        to_char('2001-02-16 20:38:40'::timestamp, 'DY dy Dy MON mon Mon') ⇒ FRI fri Fri FEB feb Feb
        to_char('2001-02-16 20:38:40'::timestamp, 'D ID DDD IDDD J Q CC WW IW W') ⇒ 6 5 047 047 2451957 1 21 07 07 3
        to_char('2001-02-16 20:38:40'::timestamp, 'IYYY IYY IY I YYY YY Y Y,YYY') ⇒ 2001 001 01 1 001 01 1 2,001
        to_char('2001-02-16 20:38:40.5'::timestamp, 'MS US FF1 FF2 FF3 FF4 FF5 FF6') ⇒ 500 500000 5 50 500 5000 50000 500000
        to_char('2001-02-16 20:38:40'::timestamp, 'SSSS SSSSS') ⇒ 74320 74320
        to_char('2001-02-16 08:38:40'::timestamp, 'a.m. P.M. am PM') ⇒ a.m. A.M. am AM
        to_char('2001-02-16 20:38:40'::timestamp, 'DDth DDTH "of" FMMonth') ⇒ 16th 16TH of February
        to_char('0044-03-15 BC'::timestamp, 'YYYY-MM-DD BC a.d.') ⇒ 0044-03-15 BC b.c.
        to_char('2001-02-16 20:38:40'::timestamp, 'RM rm FMRM') ⇒ II   ii   II
        to_char('2001-02-16 20:38:40'::timestamp, 'HH:MI "quoted \"x\"" \"') ⇒ 08:38 quoted "x" "
        to_char('2001-02-16 20:38:40+00'::timestamptz, 'TZ tz TZH TZM OF') ⇒ UTC utc +00 00 +00
        to_char('2001-02-16'::date, 'YYYYMMDD') ⇒ 20010216
        to_char('15h 2m 12s'::interval, 'HH24:MI:SS') ⇒ 15:02:12
        to_char('3 days 15h 2m 12s'::interval, 'DD HH12:MI') ⇒ 03 03:02
        to_char('-15h'::interval, 'HH24') ⇒ -15
        to_char('1 year 2 months'::interval, 'YYYY MM') ⇒ 0001 02
        to_char('1 year'::interval, 'Day') ⇒ error 22007
        to_char('2009-12-31'::date, 'IYYY-IW') ⇒ 2009-53
        to_char('2010-01-03'::timestamp, 'WW IW IYYY') ⇒ 01 53 2009
        to_date('05 Dec 2000', 'DD Mon YYYY') ⇒ 2000-12-05
        to_date('2000-12-05', 'YYYY-MM-DD') ⇒ 2000-12-05
        to_date('20001205', 'YYYYMMDD') ⇒ 2000-12-05
        to_date('2011 12  18', 'YYYY MM   DD') ⇒ 2011-12-18
        to_date('15/04/98', 'DD/MM/YY') ⇒ 1998-04-15
        to_date('2016-13-10', 'YYYY-MM-DD') ⇒ error 22008
        to_date('2016-02-30', 'YYYY-MM-DD') ⇒ error 22008
        to_date('2005-001', 'YYYY-DDD') ⇒ 2005-01-01
        to_date('2005-01-01 BC', 'YYYY-MM-DD BC') ⇒ 2005-01-01 BC
        to_date('3 4 21 01', 'W MM CC YY') ⇒ 2001-04-15
        to_date('2458872', 'J') ⇒ 2020-01-23
        to_date('2006-42', 'IYYY-IW') ⇒ 2006-10-16
        to_date('2006-42-3', 'IYYY-IW-ID') ⇒ 2006-10-18
        to_date('abc', 'YYYY') ⇒ error 22007
        to_date('2000 xyz', 'YYYY Mon') ⇒ error 22007
        to_timestamp('05 Dec 2000', 'DD Mon YYYY') ⇒ 2000-12-05 00:00:00+00
        to_timestamp('2011-12-18 11:38 PM', 'YYYY-MM-DD HH12:MI PM') ⇒ 2011-12-18 23:38:00+00
        to_timestamp('2011-12-18 23:38:15.25', 'YYYY-MM-DD HH24:MI:SS.MS') ⇒ 2011-12-18 23:38:15.25+00
        to_timestamp('2011-12-18 23:38:15.123456', 'YYYY-MM-DD HH24:MI:SS.US') ⇒ 2011-12-18 23:38:15.123456+00
        to_timestamp('2011-12-18 11:38 +05', 'YYYY-MM-DD HH12:MI TZH') ⇒ 2011-12-18 06:38:00+00
        to_timestamp('15h', 'HH12"h"') ⇒ error 22007
        to_timestamp('2011-12-18T23:38:15', 'YYYY-MM-DD"T"HH24:MI:SS') ⇒ 2011-12-18 23:38:15+00
        to_timestamp('0097/Feb/16 --> 08:14:30', 'YYYY/Mon/DD --> HH:MI:SS') ⇒ 0097-02-16 08:14:30+00
        to_timestamp('97/2/16 8:14:30', 'FMYYYY/FMMM/FMDD FMHH:FMMI:FMSS') ⇒ 0097-02-16 08:14:30+00
        to_timestamp('1985 January 12', 'YYYY FMMonth DD') ⇒ 1985-01-12 00:00:00+00
        to_timestamp('My birthday-> Year: 1976, Month: May, Day: 16', '"My birthday-> Year:" YYYY, "Month:" FMMonth, "Day:" DD') ⇒ 1976-05-16 00:00:00+00
        to_timestamp('1,582nd VIII 21', 'Y,YYYth FMRM DD') ⇒ 1582-08-21 00:00:00+00
        to_timestamp('15 "text between quote marks" 98 54 45', 'HH24 "\"text between quote marks\"" YY MI SS') ⇒ 1998-01-01 15:54:45+00
        to_timestamp('05121445482000', 'MMDDHH24MISSYYYY') ⇒ 2000-05-12 14:45:48+00
        to_timestamp('2000January09Sunday', 'YYYYFMMonthDDFMDay') ⇒ 2000-01-09 00:00:00+00
        to_timestamp('19971116', 'YYYYMMDD') ⇒ 1997-11-16 00:00:00+00
        to_timestamp('20000-1116', 'YYYY-MMDD') ⇒ 20000-11-16 00:00:00+00
        to_timestamp('9-1116', 'Y-MMDD') ⇒ 2009-11-16 00:00:00+00
        to_timestamp('95-1116', 'YY-MMDD') ⇒ 1995-11-16 00:00:00+00
        to_timestamp('995-1116', 'YYY-MMDD') ⇒ 1995-11-16 00:00:00+00
        to_timestamp('2005426', 'YYYYWWD') ⇒ 2005-10-15 00:00:00+00
        to_timestamp('2005300', 'YYYYDDD') ⇒ 2005-10-27 00:00:00+00
        to_timestamp('2005527', 'IYYYIWID') ⇒ 2006-01-01 00:00:00+00
        to_timestamp('  2005 03 02', 'YYYYMMDD') ⇒ 2005-03-02 00:00:00+00
        to_timestamp('2011-12-18 25:00', 'YYYY-MM-DD HH24:MI') ⇒ error 22008
        to_timestamp('2011-12-18 11:69', 'YYYY-MM-DD HH12:MI') ⇒ error 22008
        to_timestamp('44-02-01 11:12:13 BC', 'YYYY-MM-DD HH24:MI:SS BC') ⇒ 0044-02-01 11:12:13+00 BC
        to_timestamp('2011$03!18 23_38_15', 'YYYY-MM-DD HH24:MI:SS') ⇒ 2011-03-18 23:38:15+00
        to_timestamp('2000 -10', 'YYYY TZH') ⇒ 2000-01-01 10:00:00+00
        to_number('12,454.8-', '99G999D9S') ⇒ -12454.8
        to_number('-34,338,492', '99G999G999') ⇒ -34338492
        to_number('<564646.654564>', '999999.999999PR') ⇒ -564646.654564
        to_number('0.00001-', '9.999999S') ⇒ -0.00001
        to_number('$1,234.56', 'L9G999D99') ⇒ 1234.56
        to_number('1234', '9999V99') ⇒ 12.3400000000000000
        to_number(' 123', '999') ⇒ 123
        to_number('5 01 4 48', '9 9 9 9 9 9') ⇒ 5044
        to_number('34,50', '999,99') ⇒ 3450
        to_number('abc', '999') ⇒ error 22P02
        to_number('123.456', '999.9') ⇒ 123.4
        to_number('-12', 'S99') ⇒ -12
        to_number('12-', '99MI') ⇒ -12
        """);
}
