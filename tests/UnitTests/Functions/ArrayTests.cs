namespace Chitin.UnitTests.Functions;

/// <summary>Arrays, series and regular expressions.</summary>
public sealed class ArrayTests
{
    [Fact]
    public void Arrays_are_measured_changed_and_searched() => FunctionCases.Check("""
        '{1,2,3}'::int4[] || 4 ⇒ {1,2,3,4}
        0 || '{1,2}'::int4[] ⇒ {0,1,2}
        '{1,2}'::int4[] || '{3}'::int4[] ⇒ {1,2,3}
        '{{1,2},{3,4}}'::int4[] || '{5,6}'::int4[] ⇒ {{1,2},{3,4},{5,6}}
        '{1,2}'::int4[] || 1.5 ⇒ {1,2,1.5}
        '{1,2}'::int4[] || '{{1,2,3}}'::int4[] ⇒ error 2202E
        NULL || '{1,2}'::int4[] ⇒ {1,2}
        '{a,b}'::text[] || 'c' ⇒ error 22P02
        '{a,b}'::text[] || '{c}' ⇒ {a,b,c}
        '{1,2,3}'::int4[] = '{1,2,3}'::int4[] ⇒ t
        '{1,2,3}'::int4[] < '{1,2,4}'::int4[] ⇒ t
        '{1,2,3}'::int4[] @> '{3,1}'::int4[] ⇒ t
        '{1,2,3}'::int4[] @> '{3,NULL}'::int4[] ⇒ f
        '{1,2}'::int4[] <@ '{3,1,2}'::int4[] ⇒ t
        '{1,2}'::int4[] && '{2,5}'::int4[] ⇒ t
        '{1,2}'::int4[] && '{}'::int4[] ⇒ f
        array_append('{1,2}'::int4[], 3) ⇒ {1,2,3}
        array_append('{1,2}'::int4[], NULL) ⇒ {1,2,NULL}
        array_append(NULL::int4[], 3) ⇒ {3}
        array_prepend(1, '{2,3}'::int4[]) ⇒ {1,2,3}
        array_cat('{1}'::int4[], '{2}'::int4[]) ⇒ {1,2}
        array_ndims('{{1,2},{3,4}}'::int4[]) ⇒ 2
        array_dims('[0:1]={1,2}'::int4[]) ⇒ [0:1]
        array_length('{1,2,3}'::int4[], 1) ⇒ 3
        array_length('{}'::int4[], 1) ⇒ ∅
        array_lower('[0:2]={1,2,3}'::int4[], 1) ⇒ 0
        array_upper('{1,8,3,7}'::int4[], 1) ⇒ 4
        cardinality('{{1,2},{3,4}}'::int4[]) ⇒ 4
        array_remove('{1,2,3,2}'::int4[], 2) ⇒ {1,3}
        array_replace('{1,2,5,4}'::int4[], 5, 3) ⇒ {1,2,3,4}
        array_position('{sun,mon,tue}'::text[], 'mon') ⇒ 2
        array_position('{1,2,NULL}'::int4[], NULL) ⇒ 3
        array_position('{1,2,1}'::int4[], 1, 2) ⇒ 3
        array_positions('{A,A,B,A}'::text[], 'A') ⇒ {1,2,4}
        array_fill(7, '{2}'::int4[]) ⇒ {7,7}
        array_fill(11, '{2,2}'::int4[], '{2,3}'::int4[]) ⇒ [2:3][3:4]={{11,11},{11,11}}
        array_fill(1, '{-1}'::int4[]) ⇒ error 54000
        trim_array('{1,2,3,4,5,6}'::int4[], 2) ⇒ {1,2,3,4}
        trim_array('{1}'::int4[], 2) ⇒ error 2202E
        array_to_string('{1,2,NULL,5}'::int4[], ',', '*') ⇒ 1,2,*,5
        array_to_string('{1,2,NULL,5}'::int4[], ',') ⇒ 1,2,5
        string_to_array('xx~~yy~~zz', '~~', 'yy') ⇒ {xx,NULL,zz}
        string_to_array('abc', NULL) ⇒ {a,b,c}
        string_to_array('abc', '') ⇒ {abc}
        string_to_array('', ',') ⇒ {}
        string_to_table('a,b,c', ',') ⇒ a;b;c
        unnest('{1,2}'::int4[]) ⇒ 1;2
        unnest('{{a,b},{c,NULL}}'::text[]) ⇒ a;b;c;
        generate_subscripts('{1,NULL,3}'::int4[], 1) ⇒ 1;2;3
        generate_subscripts('{1,2,3}'::int4[], 1, true) ⇒ 3;2;1
        array_length('a', 1) ⇒ error 42804
        concat_ws(',', VARIADIC '{a,b,NULL,c}'::text[]) ⇒ a,b,c
        format('%s-%s', VARIADIC '{a,b}'::text[]) ⇒ a-b
        array_cat('{1}'::int4[], '{a}'::text[]) ⇒ error 42883
        '{1.5,2}'::numeric[]::int4[] ⇒ {2,2}
        '{1,2}'::int4[]::text[] ⇒ {1,2}
        """);

    [Fact]
    public void Series_step_from_start_to_stop() => FunctionCases.Check("""
        generate_series(2, 4) ⇒ 2;3;4
        generate_series(5, 1, -2) ⇒ 5;3;1
        generate_series(1, 5, 0) ⇒ error 22023
        generate_series(1.1, 4, 1.3) ⇒ 1.1;2.4;3.7
        generate_series('2008-03-01 00:00'::timestamp, '2008-03-04 12:00', '10 hours') ⇒ 2008-03-01 00:00:00;2008-03-01 10:00:00;2008-03-01 20:00:00;2008-03-02 06:00:00;2008-03-02 16:00:00;2008-03-03 02:00:00;2008-03-03 12:00:00;2008-03-03 22:00:00;2008-03-04 08:00:00
        generate_series(9223372036854775806, 9223372036854775807) ⇒ 9223372036854775806;9223372036854775807
        """);

    [Fact]
    public void Regular_expression_functions_follow_the_manual() => FunctionCases.Check("""
        substring('foobar', 'o.b') ⇒ oob
        substring('foobar', 'o(.)b') ⇒ o
        substring('Thomas', '%#"o_a#"_', '#') ⇒ oma
        substring('abcdefg', 'a#"%#"g', '#') ⇒ bcdef
        substring('abcdefg', 'a*#"%#"g*', '#') ⇒ abcdefg
        regexp_match('foobarbequebaz', '(bar)(beque)') ⇒ {bar,beque}
        regexp_match('foobarbequebaz', 'bar.*que') ⇒ {barbeque}
        regexp_match('abc', 'x') ⇒ ∅
        regexp_matches('foobarbequebazilbarfbonk', '(b[^b]+)(b[^b]+)', 'g') ⇒ {bar,beque};{bazil,barf}
        regexp_match('abc', 'b', 'g') ⇒ error 22023
        regexp_replace('foobarbaz', 'b..', 'X') ⇒ fooXbaz
        regexp_replace('foobarbaz', 'b..', 'X', 'g') ⇒ fooXX
        regexp_replace('foobarbaz', 'b(..)', 'X\1Y', 'g') ⇒ fooXarYXazY
        regexp_replace('A PostgreSQL function', 'a|e|i|o|u', 'X', 1, 0, 'i') ⇒ X PXstgrXSQL fXnctXXn
        regexp_replace('A PostgreSQL function', 'a|e|i|o|u', 'X', 1, 3, 'i') ⇒ A PostgrXSQL function
        regexp_replace('abc', 'x*', '-', 'g') ⇒ -a-b-c-
        regexp_replace('aab', 'a*', '-', 'g') ⇒ --b-
        regexp_replace('baab', 'a*', '-', 'g') ⇒ -b--b-
        regexp_replace('abc', '(b)', '[\&]') ⇒ a[b]c
        regexp_replace('abc', 'b', '\\') ⇒ a\c
        regexp_replace('abc', 'b', 'x', '1') ⇒ error 22023
        regexp_split_to_array('hello world', '\s+') ⇒ {hello,world}
        regexp_split_to_array('the quick', '\s*') ⇒ {t,h,e,q,u,i,c,k}
        regexp_split_to_array('abc', '') ⇒ {a,b,c}
        regexp_split_to_array(' a b ', ' ') ⇒ {"",a,b,""}
        regexp_split_to_table('a,b,,c', ',') ⇒ a;b;;c
        regexp_split_to_array('123', 'x*') ⇒ {1,2,3}
        regexp_like('Hello World', 'world$', 'i') ⇒ t
        regexp_like('Hello World', 'world') ⇒ f
        regexp_count('ABCABCAXYaxy', 'A.', 1, 'i') ⇒ 4
        regexp_count('123', '\d\d\d|123') ⇒ 1
        regexp_instr('number of your street, town zip, FR', '[^,]+', 1, 2) ⇒ 23
        regexp_instr('ABCDEFGHI', '(c..)(...)', 1, 1, 0, 'i', 2) ⇒ 6
        regexp_substr('number of your street, town zip, FR', '[^,]+', 1, 2) ⇒  town zip
        regexp_substr('ABCDEFGHI', '(c..)(...)', 1, 1, 'i', 2) ⇒ FGH
        regexp_match('abc01234xyz', '(.*)(\d+)(.*)') ⇒ {abc0123,4,xyz}
        regexp_match('abc01234xyz', '(.*?)(\d+)(.*)') ⇒ {abc,0,""}
        regexp_match('abc01234xyz', '(?:(.*?)(\d+)(.*)){1,1}') ⇒ {abc,01234,xyz}
        substring('XY1234Z', 'Y*([0-9]{1,3})') ⇒ 123
        substring('XY1234Z', 'Y*?([0-9]{1,3})') ⇒ 1
        'a' ~ '\A\w\Z' ⇒ t
        'foo.bar' ~ '^[a-z.]+$' ⇒ t
        'x]y' ~ '[]]' ⇒ t
        'a-b' ~ '[a\-]' ⇒ t
        'a\b' ~ 'a\\b' ⇒ t
        'ab' ~ '(a)(b)\1' ⇒ f
        'aba' ~ '(a)(b)\1' ⇒ t
        'foobar' ~ 'foo(?=bar)' ⇒ t
        'foobar' ~ '(?<!x)bar' ⇒ t
        'a' ~ '[b-a]' ⇒ error 2201B
        'abc' ~ '***=b' ⇒ t
        'a.c' ~ '***=a.c' ⇒ t
        'abc' ~ '***=a.c' ⇒ f
        'tab	x' ~ '\t' ⇒ t
        'ABC' ~ '(?i)abc' ⇒ t
        'a b' ~ '(?x)a\ b # comment' ⇒ t
        similar_to_escape('a[b%]_(x|y)') ⇒ ^(?:a[b%].(?:x|y))$
        'abc' ~ similar_to_escape('%(b|d)%') ⇒ t
        'abc' ~ similar_to_escape('abc') ⇒ t
        'abc' ~ similar_to_escape('a') ⇒ f
        'é' ~ '^.$' ⇒ t
        'é' ~ '[[:alpha:]]' ⇒ t
        '5' ~ '\d' ⇒ t
        'Ab' ~ '^[[:upper:]][[:lower:]]$' ⇒ t
        regexp_replace('ab12', '[[:digit:]]+', '', 'g') ⇒ ab
        """);
}
