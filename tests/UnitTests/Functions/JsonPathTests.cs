namespace Chitin.UnitTests.Functions;

/// <summary>SQL/JSON paths.</summary>
public sealed class JsonPathTests
{
    [Fact]
    public void Paths_select_items() => FunctionCases.Check("""
        jsonb_path_query('{"track":{"segments":[{"HR":73},{"HR":135}]}}', '$.track.segments') ⇒ [{"HR": 73}, {"HR": 135}]
        jsonb_path_query('{"a":[1,2,3,4,5]}', '$.a[*]') ⇒ 1;2;3;4;5
        jsonb_path_query('{"a":[1,2,3,4,5]}', '$.a[1 to 3]') ⇒ 2;3;4
        jsonb_path_query('{"a":[1,2,3,4,5]}', '$.a[last]') ⇒ 5
        jsonb_path_query('{"a":[1,2,3,4,5]}', '$.a[0,last-1]') ⇒ 1;4
        jsonb_path_query('{"a":[1,2,3,4,5]}', '$.a[*] ? (@ >= 2 && @ <= 4)') ⇒ 2;3;4
        jsonb_path_query('{"a":[1,2,3,4,5]}', '$.a[*] ? (@ >= $min && @ <= $max)', '{"min":2,"max":4}') ⇒ 2;3;4
        jsonb_path_query('{"track":{"segments":[{"HR":73},{"HR":135}]}}', '$.track.segments[*].HR ? (@ > 130)') ⇒ 135
        jsonb_path_query('{"track":{"segments":[{"HR":73},{"HR":135}]}}', '$.track.segments.HR') ⇒ 73;135
        jsonb_path_query('{"track":{"segments":[{"HR":73},{"HR":135}]}}', 'strict $.track.segments.HR') ⇒ error 2203A
        jsonb_path_query('{"a":{"b":1,"c":[2,{"d":3}]}}', '$.**') ⇒ {"a": {"b": 1, "c": [2, {"d": 3}]}};{"b": 1, "c": [2, {"d": 3}]};1;[2, {"d": 3}];2;{"d": 3};3
        jsonb_path_query('{"a":{"b":1,"c":[2,{"d":3}]}}', '$.**{2}') ⇒ 1;[2, {"d": 3}]
        jsonb_path_query('{"a":{"b":1,"c":[2,{"d":3}]}}', '$.**{last}') ⇒ 1;2;3
        jsonb_path_query('{"a":{"b":1},"c":2}', '$.*') ⇒ {"b": 1};2
        jsonb_path_query('[1,"a",null,true,{},[]]', '$[*].type()') ⇒ "number";"string";"null";"boolean";"object";"array"
        jsonb_path_query('{"m": [11, 15]}', '$.m.size()') ⇒ 2
        jsonb_path_query('{"len": "1.9"}', '$.len.double() * 2') ⇒ 3.8
        jsonb_path_query('{"h": 1.3}', '$.h.ceiling()') ⇒ 2
        jsonb_path_query('{"h": -1.3}', '$.h.abs()') ⇒ 1.3
        jsonb_path_query('[2]', '-$[0] + 7 % 4') ⇒ 1
        jsonb_path_query('["abc", "abd", "aXb", "x"]', '$[*] ? (@ like_regex "^ab")') ⇒ "abc";"abd"
        jsonb_path_query('["abc", "ABD"]', '$[*] ? (@ like_regex "^ab" flag "i")') ⇒ "abc";"ABD"
        jsonb_path_query('["John Smith", "Bob"]', '$[*] ? (@ starts with "John")') ⇒ "John Smith"
        jsonb_path_query('[1, 2]', '$[*] ? (exists (@ ? (@ > 1)))') ⇒ 2
        jsonb_path_query('[-1, 2, 7, "foo"]', '$[*] ? ((@ > 0) is unknown)') ⇒ "foo"
        jsonb_path_query('{"a b": 1}', '$."a b"') ⇒ 1
        jsonb_path_query('[{"a":1},{"a":2}]', '$[*] ? (!(@.a == 1)).a') ⇒ 2
        jsonb_path_query('[1]', '$[*] ? (@ == 1 || @ == 2)') ⇒ 1
        jsonb_path_query('[1,2]', 'strict $[5]') ⇒ error 22033
        jsonb_path_query('[1,2]', '$ > 1') ⇒ true
        jsonb_path_query('1', '$ / 0') ⇒ error 22012
        jsonb_path_query('"a"', '$ + 1') ⇒ error 22038
        jsonb_path_query('{}', 'strict $.a') ⇒ error 2203A
        jsonb_path_query('{}', '$.') ⇒ error 42601
        jsonb_path_query('{}', '$x') ⇒ error 42704
        jsonb_path_exists('{"a":[1,2,3]}', '$.a[*] ? (@ > 2)') ⇒ t
        jsonb_path_exists('{"a":[1]}', 'strict $.b') ⇒ error 2203A
        jsonb_path_exists('{"a":[1]}', 'strict $.b', '{}', true) ⇒ ∅
        jsonb_path_match('{"a":[1,2]}', 'exists($.a[*] ? (@ >= 2))') ⇒ t
        jsonb_path_match('{"a":[1,2]}', '$.a') ⇒ error 22038
        jsonb_path_query_array('{"a":[1,2,3]}', '$.a[*] ? (@ > 1)') ⇒ [2, 3]
        jsonb_path_query_first('{"a":[1,2,3]}', '$.a[*] ? (@ > 1)') ⇒ 2
        jsonb_path_query_first('{"a":[1]}', '$.a[*] ? (@ > 1)') ⇒ ∅
        '{"a":[1,2,3,4,5]}'::jsonb @? '$.a[*] ? (@ > 2)' ⇒ t
        '{"a":[1,2,3,4,5]}'::jsonb @@ '$.a[*] > 2' ⇒ t
        '{"a":[1]}'::jsonb @@ '$.a' ⇒ ∅
        jsonb_path_query('null', '$ == null') ⇒ true
        jsonb_path_query('[null,1]', '$[*] ? (@ != null)') ⇒ 1
        jsonb_path_query('[1,true]', '$[*] ? (@ == true)') ⇒ true
        jsonb_path_query('{"a":"x"}', '$.a == "x"') ⇒ true
        """);
}
