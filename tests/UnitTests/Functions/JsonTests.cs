namespace Chitin.UnitTests.Functions;

/// <summary>json and jsonb.</summary>
public sealed class JsonTests
{
    [Fact]
    public void Json_parts_are_cut_out_as_written() => FunctionCases.Check("""
        '{"a": {"b":  1}, "c": [1, 2,3]}'::json -> 'a' ⇒ {"b":  1}
        '{"a": {"b":  1}, "c": [1, 2,3]}'::json ->> 'c' ⇒ [1, 2,3]
        '[1,  {"x": "y"}, null]'::json -> 1 ⇒ {"x": "y"}
        '[1,2,3]'::json -> -1 ⇒ 3
        '[1,2,3]'::json ->> 5 ⇒ ∅
        '{"a":"x\"y"}'::json ->> 'a' ⇒ x"y
        '{"a":null}'::json ->> 'a' ⇒ ∅
        '{"a":null}'::json -> 'a' ⇒ null
        '{"a":1,"a":2}'::json -> 'a' ⇒ 2
        '{"a": {"b":["foo","bar"]}}'::json #> '{a,b,1}' ⇒ "bar"
        '{"a": {"b":["foo","bar"]}}'::json #>> '{a,b,1}' ⇒ bar
        '{"a": {"b":["foo","bar"]}}'::json #>> '{a,x}' ⇒ ∅
        json_extract_path('{"f2":{"f3":1},"f4":{"f5":99,"f6":"foo"}}', 'f4', 'f6') ⇒ "foo"
        json_extract_path_text('{"f2":{"f3":1},"f4":{"f5":99,"f6":"foo"}}', 'f4', 'f6') ⇒ foo
        json_array_length('[1,2,3,{"f1":1,"f2":[5,6]},4]') ⇒ 5
        json_array_length('{}') ⇒ error 22023
        json_array_length('1') ⇒ error 22023
        json_typeof('-123.4') ⇒ number
        json_typeof('{}') ⇒ object
        json_typeof('"a"') ⇒ string
        json_strip_nulls('[{"f1":1, "f2":null}, 2, null, 3]') ⇒ [{"f1":1},2,null,3]
        json_array_elements('[1,true, [2,false]]') ⇒ 1;true;[2,false]
        json_array_elements_text('["foo", "bar", null]') ⇒ foo;bar;
        json_object_keys('{"f1":"abc","f2":{"f3":"a", "f4":"b"}}') ⇒ f1;f2
        json_object_keys('[1]') ⇒ error 22023
        '{"a":'::json ⇒ error 22P02
        '{"b":1, "a":2}'::json::jsonb ⇒ {"a": 2, "b": 1}
        """);

    [Fact]
    public void Json_is_built_from_values() => FunctionCases.Check("""
        to_json('Fred said "Hi."'::text) ⇒ "Fred said \"Hi.\""
        to_json(1.50) ⇒ 1.50
        to_json('nan'::float8) ⇒ "NaN"
        to_json(true) ⇒ true
        to_json('2020-01-02'::date) ⇒ "2020-01-02"
        to_json('2020-01-02 03:04:05.6'::timestamp) ⇒ "2020-01-02T03:04:05.6"
        to_json('2020-01-02 03:04:05.6+00'::timestamptz) ⇒ "2020-01-02T03:04:05.6+00:00"
        to_json('infinity'::timestamp) ⇒ "infinity"
        to_json('{1,2,NULL}'::int4[]) ⇒ [1,2,null]
        to_json('{{a,b},{c,d}}'::text[]) ⇒ [["a","b"],["c","d"]]
        to_json('{"x": 1}'::jsonb) ⇒ {"x": 1}
        to_jsonb('a'::text) ⇒ "a"
        to_jsonb('{1,2}'::int4[]) ⇒ [1, 2]
        to_jsonb(1.50) ⇒ 1.50
        array_to_json('{{1,5},{99,100}}'::int4[]) ⇒ [[1,5],[99,100]]
        array_to_json('{{1,5},{99,100}}'::int4[], true) ⇒ [[1,5],\n [99,100]]
        json_build_array(1, 2, 'foo', 4, 5) ⇒ [1, 2, "foo", 4, 5]
        json_build_array() ⇒ []
        json_build_object('foo', 1, 2, 'bar') ⇒ {"foo" : 1, "2" : "bar"}
        json_build_object('a', NULL) ⇒ {"a" : null}
        json_build_object('a') ⇒ error 22023
        json_build_object(NULL, 1) ⇒ error 22023
        jsonb_build_object('foo', 1, 2, 'bar') ⇒ {"2": "bar", "foo": 1}
        jsonb_build_array(1, NULL, true, 'x') ⇒ [1, null, true, "x"]
        json_object('{a, 1, b, "def", c, 3.5}'::text[]) ⇒ {"a" : "1", "b" : "def", "c" : "3.5"}
        json_object('{{a, 1},{b, "def"}}'::text[]) ⇒ {"a" : "1", "b" : "def"}
        json_object('{a,b}'::text[], '{1,2}'::text[]) ⇒ {"a" : "1", "b" : "2"}
        json_object('{a}'::text[]) ⇒ error 2202E
        jsonb_object('{a, 1, b, NULL}'::text[]) ⇒ {"a": "1", "b": null}
        """);

    [Fact]
    public void Jsonb_is_tested_and_changed() => FunctionCases.Check("""
        '{"a":{"b":1}}'::jsonb -> 'a' ⇒ {"b": 1}
        '{"a":"x"}'::jsonb ->> 'a' ⇒ x
        '[1,2,3]'::jsonb -> -1 ⇒ 3
        '{"a": {"b":["foo","bar"]}}'::jsonb #> '{a,b,-1}' ⇒ "bar"
        '{"a":1, "b":2}'::jsonb @> '{"b":2}'::jsonb ⇒ t
        '[1,2,[3]]'::jsonb @> '[1]' ⇒ t
        '["a"]'::jsonb @> '"a"' ⇒ t
        '{"b":2}'::jsonb <@ '{"a":1, "b":2}'::jsonb ⇒ t
        '{"a":1, "b":2}'::jsonb ? 'b' ⇒ t
        '{"a":1, "b":2, "c":3}'::jsonb ?| '{b,d}' ⇒ t
        '["a", "b", "c"]'::jsonb ?& '{a,b}' ⇒ t
        '["a", "b"]'::jsonb || '["a", "d"]' ⇒ ["a", "b", "a", "d"]
        '{"a": "b"}'::jsonb || '{"c": "d"}' ⇒ {"a": "b", "c": "d"}
        '[1, 2]'::jsonb || '3' ⇒ [1, 2, 3]
        '{"a": 1}'::jsonb || '[1]' ⇒ [{"a": 1}, 1]
        '{"a": "b", "c": "d"}'::jsonb - 'a' ⇒ {"c": "d"}
        '["a", "b", "c", "b"]'::jsonb - 'b' ⇒ ["a", "c"]
        '{"a": "b", "c": "d"}'::jsonb - '{a,c}'::text[] ⇒ {}
        '["a", "b"]'::jsonb - 1 ⇒ ["a"]
        '{"a":1}'::jsonb - 1 ⇒ error 22023
        '["a", {"b":1}]'::jsonb #- '{1,b}' ⇒ ["a", {}]
        '{"a":1}'::jsonb = '{"a":1.0}'::jsonb ⇒ t
        '1'::jsonb < '2'::jsonb ⇒ t
        jsonb_set('[{"f1":1,"f2":null},2,null,3]', '{0,f1}', '[2,3,4]', false) ⇒ [{"f1": [2, 3, 4], "f2": null}, 2, null, 3]
        jsonb_set('[{"f1":1,"f2":null},2]', '{0,f3}', '[2,3,4]') ⇒ [{"f1": 1, "f2": null, "f3": [2, 3, 4]}, 2]
        jsonb_set('{"a":1}', '{b,c}', '1') ⇒ {"a": 1}
        jsonb_set('[1,2]', '{5}', '9') ⇒ [1, 2, 9]
        jsonb_set('[1,2]', '{-5}', '9') ⇒ [9, 1, 2]
        jsonb_set('[1,2]', '{x}', '9') ⇒ error 22P02
        jsonb_set_lax('[{"f1":1,"f2":null},2]', '{0,f1}', NULL) ⇒ [{"f1": null, "f2": null}, 2]
        jsonb_set_lax('[{"f1":99,"f2":null},2]', '{0,f1}', NULL, true, 'return_target') ⇒ [{"f1": 99, "f2": null}, 2]
        jsonb_set_lax('{"a":1}', '{a}', NULL, true, 'delete_key') ⇒ {}
        jsonb_insert('{"a": [0,1,2]}', '{a, 1}', '"new_value"') ⇒ {"a": [0, "new_value", 1, 2]}
        jsonb_insert('{"a": [0,1,2]}', '{a, 1}', '"new_value"', true) ⇒ {"a": [0, 1, "new_value", 2]}
        jsonb_insert('{"a": 1}', '{a}', '2') ⇒ error 22023
        jsonb_pretty('[{"f1":1,"f2":null}, 2]') ⇒ [\n    {\n        "f1": 1,\n        "f2": null\n    },\n    2\n]
        jsonb_strip_nulls('{"a":null,"b":[null,{"c":null}]}') ⇒ {"b": [null, {}]}
        jsonb_array_length('[1,2]') ⇒ 2
        jsonb_typeof('[]') ⇒ array
        jsonb_array_elements('[1,true, [2,false]]') ⇒ 1;true;[2, false]
        jsonb_array_elements_text('["foo", null]') ⇒ foo;
        jsonb_object_keys('{"b":1,"a":2}') ⇒ a;b
        '5'::jsonb::int4 ⇒ 5
        '5.6'::jsonb::int4 ⇒ 6
        '"x"'::jsonb::int4 ⇒ error 22023
        'true'::jsonb::bool ⇒ t
        '[1]'::jsonb::numeric ⇒ error 22023
        jsonb_extract_path('{"f2":{"f3":1}}', 'f2', 'f3') ⇒ 1
        jsonb_extract_path_text('{"f2":{"f3":"x"}}', VARIADIC '{f2,f3}'::text[]) ⇒ x
        """);
}
