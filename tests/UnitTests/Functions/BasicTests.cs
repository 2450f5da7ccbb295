namespace Chitin.UnitTests.Functions;

/// <summary>Operators, strings and patterns.</summary>
public sealed class BasicTests
{
    [Fact]
    public void Operators_follow_postgresql() => FunctionCases.Check("""
        1 + 2 ⇒ 3
        2147483647 + 1 ⇒ error 22003
        1 / 0 ⇒ error 22012
        7 / -2 ⇒ -3
        -7 % 3 ⇒ -1
        1.5 + 2 ⇒ 3.5
        1 + '2' ⇒ 3
        '1' + '2' ⇒ error 42725
        'a' || 'b' ⇒ ab
        'a' || 1 ⇒ a1
        1 || 'a' ⇒ 1a
        1.10 = 1.1 ⇒ t
        1 = '1' ⇒ t
        1 = 'x' ⇒ error 22P02
        2 < 10.5 ⇒ t
        'a' < 'b' ⇒ t
        'a'::text = 'a'::varchar ⇒ t
        'a  '::bpchar = 'a'::bpchar ⇒ t
        1::int2 + 1::int2 ⇒ 2
        32767::int2 + 1::int2 ⇒ error 22003
        9223372036854775807 + 1 ⇒ error 22003
        9223372036854775807 * 2 ⇒ error 22003
        1 / 3.0 ⇒ 0.33333333333333333333
        10.0 / 3 ⇒ 3.3333333333333333
        2 ^ 10 ⇒ 1024
        2.0 ^ 0.5 ⇒ 1.4142135623730950
        5 & 3 ⇒ 1
        5 | 3 ⇒ 7
        5 # 3 ⇒ 6
        ~ 5 ⇒ -6
        1 << 4 ⇒ 16
        -8 >> 1 ⇒ -4
        |/ 25 ⇒ 5
        ||/ 27 ⇒ 3.0000000000000004
        @ -5 ⇒ 5
        1::float8 / 0 ⇒ error 22012
        1e300::float8 * 1e300::float8 ⇒ error 22003
        'nan'::float8 = 'nan'::float8 ⇒ t
        true = false ⇒ f
        '2020-01-31'::date + 1 ⇒ 2020-02-01
        '2020-01-31'::date - '2020-01-01'::date ⇒ 30
        '2020-01-31'::date + '1 month'::interval ⇒ 2020-02-29 00:00:00
        '2020-01-31 10:00'::timestamp - '2019-12-25 11:00'::timestamp ⇒ 36 days 23:00:00
        '2020-01-31'::date < '2020-02-01 00:00'::timestamp ⇒ t
        '1 month'::interval * 1.5 ⇒ 1 mon 15 days
        '1 year 2 months 3 days'::interval / 2 ⇒ 7 mons 1 day 12:00:00
        '10:00'::time + '15 hours'::interval ⇒ 01:00:00
        length('héllo') ⇒ 5
        substr('hello', 2, 3) ⇒ ell
        substring('hello', -1, 4) ⇒ he
        substring('hello', 2) ⇒ ello
        """);

    [Fact]
    public void Strings_are_cut_and_measured_by_characters() => FunctionCases.Check("""
        left('hello', -2) ⇒ hel
        right('hello', 2) ⇒ lo
        upper('abc') ⇒ ABC
        initcap('hELLO wORLD-foo bar') ⇒ Hello World-Foo Bar
        lpad('hi', 5, 'xy') ⇒ xyxhi
        rpad('hi', 5) ⇒ hi   
        lpad('hello', 3) ⇒ hel
        repeat('ab', 3) ⇒ ababab
        replace('abcabc', 'b', 'xx') ⇒ axxcaxxc
        translate('12345', '143', 'ax') ⇒ a2x5
        split_part('a,b,c', ',', 2) ⇒ b
        split_part('a,b,c', ',', -1) ⇒ c
        split_part('a,b,c', ',', 0) ⇒ error 22023
        strpos('hello', 'l') ⇒ 3
        btrim('  x  ') ⇒ x
        btrim('xyxhixyx', 'xy') ⇒ hi
        ltrim('zzzytest', 'xyz') ⇒ test
        concat('a', 1, NULL, true) ⇒ a1t
        concat_ws(',', 'a', NULL, 'b', 2) ⇒ a,b,2
        format('Hello %s, %1$s', 'World') ⇒ Hello World, World
        format('%I.%L', 'My Col', 'it''s') ⇒ "My Col".'it''s'
        format('%-10s|', 'foo') ⇒ foo       |
        format('%10s|', 'foo') ⇒        foo|
        format('%*s|', 5, 'foo') ⇒   foo|
        format('%s %s', 'a') ⇒ error 22023
        format('%%') ⇒ %
        quote_ident('Foo bar') ⇒ "Foo bar"
        quote_ident('select') ⇒ "select"
        """);

    [Fact]
    public void Values_are_printed_and_quoted() => FunctionCases.Check("""
        quote_literal('O''Reilly\') ⇒ E'O''Reilly\\'
        quote_nullable(NULL) ⇒ NULL
        md5('abc') ⇒ 900150983cd24fb0d6963f7d28e17f72
        sha224('abc'::bytea) ⇒ \x23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7
        sha256('abc'::bytea) ⇒ \xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
        encode('abc'::bytea, 'base64') ⇒ YWJj
        encode('\x00ff'::bytea, 'escape') ⇒ \000\377
        decode('YWJj', 'base64') ⇒ \x616263
        decode('zz', 'hex') ⇒ error 22023
        to_hex(255) ⇒ ff
        to_hex(-1) ⇒ ffffffff
        ascii('x') ⇒ 120
        chr(65) ⇒ A
        """);

    [Fact]
    public void Bytes_are_encoded_and_hashed() => FunctionCases.Check("""
        chr(0) ⇒ error 54000
        reverse('abc') ⇒ cba
        starts_with('alphabet', 'alph') ⇒ t
        overlay('Txxxxas', 'hom', 2, 4) ⇒ Thomas
        'abc' ~ 'b' ⇒ t
        'abc' ~* 'B' ⇒ t
        'abc' !~ 'x' ⇒ t
        'abc' ~~ 'a%' ⇒ t
        'abc' ~~ '_b_' ⇒ t
        'abc' !~~ 'a_' ⇒ t
        like_escape('a#%', '#') ⇒ a\%
        """);

    [Fact]
    public void Patterns_match() => FunctionCases.Check("""
        'abc' ~ 'b' ⇒ t
        'abc' ~* 'B' ⇒ t
        'abc' !~ 'x' ⇒ t
        'abc' ~~ 'a%' ⇒ t
        'abc' ~~ '_b_' ⇒ t
        'abc' !~~ 'a_' ⇒ t
        'ABC' ~~* 'a%' ⇒ t
        'a%c' ~~ 'a\%c' ⇒ t
        'abc' ~~ 'abc\' ⇒ f
        'abc' ~ '(a|x)bc$' ⇒ t
        'foo bar' ~ '\mbar\M' ⇒ t
        'foo' ~ '^\w+$' ⇒ t
        'a1' ~ '[[:digit:]]' ⇒ t
        'abc' ~ '(' ⇒ error 2201B
        'aaa' ~ 'a{2,4}' ⇒ t
        'x' ~ 'a{1,300}' ⇒ error 2201B
        'ab' ~ '(?i)AB' ⇒ t
        'abcd' ~~ 'abc\' ⇒ error 22025
        """);
}
